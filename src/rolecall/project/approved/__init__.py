"""What the person approved of the project's declarations, and what has changed since."""
