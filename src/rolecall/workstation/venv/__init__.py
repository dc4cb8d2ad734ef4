"""The project's `.venv`: made, mended, and shown while pip works."""
