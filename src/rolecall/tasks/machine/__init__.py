"""Tasks about this machine and this project: what is set up, what is pulled, what is debugged."""
