"""The personal `.env`: its values, the names a shell may have, and what rolecall itself exports."""
