"""The steps of setup: how one is defined, run and undone, and the small steps themselves."""
