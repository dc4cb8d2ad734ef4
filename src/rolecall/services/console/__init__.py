"""The AWS console in a role: the sign-in token, and the address that opens a service's page."""
