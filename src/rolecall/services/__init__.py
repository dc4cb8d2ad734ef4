"""Services beside the shell: the sandbox, the endpoint, the console, and a command's debug log."""
