"""The proof at the end of setup: fresh shells enter the project, hold the role, and leave without it."""
