"""What a pull has changed of what the person approved: shown before any of it runs, then approved or not."""
