"""The programs that rolecall needs (direnv, bash, git), found or installed."""
