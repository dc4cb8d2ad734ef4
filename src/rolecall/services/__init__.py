"""Services beside the shell: the sandbox, and a command's debug log."""
