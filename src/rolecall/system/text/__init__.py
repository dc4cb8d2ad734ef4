"""Text on its way out: quoted for its reader, without secrets, with nothing hidden in it."""
