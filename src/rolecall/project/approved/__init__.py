"""The approved declarations of the project, and what has changed since."""
