"""The person at the terminal: which terminal it is, what they are told, asked and offered."""
