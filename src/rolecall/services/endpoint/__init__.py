"""The container credentials endpoint: a role for programs that ask an address on loopback."""
