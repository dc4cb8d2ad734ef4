"""The command itself: the program `rolecall`, how a person called it, and the words that tab completes."""
