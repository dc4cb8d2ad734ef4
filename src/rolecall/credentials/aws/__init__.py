"""Talking to AWS: STS, and SDK sessions that read the environment they are given."""
