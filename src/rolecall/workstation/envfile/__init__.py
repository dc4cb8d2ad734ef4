"""`.env`: the questions, the merge that keeps every edit, and the way to the sandbox and back."""
