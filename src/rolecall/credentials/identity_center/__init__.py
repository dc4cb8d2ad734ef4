"""IAM Identity Center: the portal, the login in a browser, and the token files."""
