"""What to send to an account's owner: the policies that let this identity take the project's roles."""
