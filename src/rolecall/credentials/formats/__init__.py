"""What `assume --format` prints: the session in the words of a shell, a file or a program."""
