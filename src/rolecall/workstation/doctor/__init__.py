"""The checks of `doctor`; each finding comes with the command that helps."""
