"""The machine: paths, files, locks, processes, terminal. Knows nothing of AWS or roles."""
