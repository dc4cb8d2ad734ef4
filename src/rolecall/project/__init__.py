"""What the team declares: `envrc.d/roles.toml` and `.env`, as frozen values."""
