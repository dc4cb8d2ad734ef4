"""The prompt: the role's name in it, and direnv's own lines above it."""
