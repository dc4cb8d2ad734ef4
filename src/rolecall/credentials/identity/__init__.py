"""Who assumes the role: keys, a keyring, a profile, web identity, and MFA."""
