"""The review of a pull: each change of an approved file, shown before it runs, then approved or not."""
