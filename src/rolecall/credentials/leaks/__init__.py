"""Credentials in what is staged for a commit: the leak guard."""
