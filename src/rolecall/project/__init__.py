"""The team's declarations: `envrc.d/roles.toml` and `.env`, as frozen values."""
