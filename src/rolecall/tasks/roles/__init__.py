"""The task `roles`: what the project declares, what it could, and what an account's owner needs."""
