"""A profile for each role in the person's AWS config, for programs that read that file."""
