"""The policies to send to an account's owner, so that this identity may take the project's roles."""
