"""What a step of setup is, how steps run and are undone, and the small steps themselves."""
