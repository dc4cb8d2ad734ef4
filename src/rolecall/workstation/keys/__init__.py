"""A person's long-lived keys: where they are kept, how old they are, and how they are replaced."""
