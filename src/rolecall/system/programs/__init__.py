"""Other programs: how they are started, and the two that are asked most, git and direnv."""
