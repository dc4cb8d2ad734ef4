"""Making a machine ready: steps, prerequisites, shells, rendering, doctor."""
