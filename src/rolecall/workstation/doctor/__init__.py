"""What `doctor` looks at, each finding with the command that helps."""
