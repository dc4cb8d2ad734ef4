"""The team's `envrc.d/roles.toml`: what may stand in it, read and checked with the line of each mistake."""
