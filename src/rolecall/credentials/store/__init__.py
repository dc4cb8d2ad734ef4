"""The files on disk: sessions, the terminal's choice, the snapshot, a recent failure."""
