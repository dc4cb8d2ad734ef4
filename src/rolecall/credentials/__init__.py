"""Getting and keeping role sessions. The broker is the one way to a session."""
