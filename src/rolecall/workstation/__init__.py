"""Making a person's machine ready for a project, checking it, and taking it all back."""
