"""`use rolecall`: the function in direnv's `lib/` folder, and the person's own copy of what it runs."""
