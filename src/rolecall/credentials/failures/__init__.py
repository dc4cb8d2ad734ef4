"""The table of failures: how each is recognised, what is said, and what helps."""
