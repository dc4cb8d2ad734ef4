"""Tasks about roles and their sessions."""
