"""An AWS of the person's own on loopback (moto), with the project's roles."""
