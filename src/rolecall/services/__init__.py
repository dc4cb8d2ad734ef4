"""Services beside the shell: the sandbox, the console, and a command's debug log."""
