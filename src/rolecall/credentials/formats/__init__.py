"""The formats of `assume --format`: a session in the words of a shell, a file or a program."""
