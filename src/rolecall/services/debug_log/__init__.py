"""Running one command with its debug log in a file, without secrets."""
