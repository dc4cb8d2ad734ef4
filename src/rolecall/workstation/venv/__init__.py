"""The project's `.venv`: made, repaired, and shown while pip works."""
