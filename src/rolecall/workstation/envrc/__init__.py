"""`.envrc`: rendered, merged with a person's edits, reviewed, and approved."""
