"""Files on this machine: where they are, how they are written and locked."""
