"""Adopting a repository: what is there already, what would be added, and taking exactly that back."""
