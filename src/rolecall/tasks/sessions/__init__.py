"""Tasks about this terminal's session: take a role, print it, see it, lock it."""
