"""Tasks that hand a role to something: a command, an endpoint, the body of a task, the browser."""
