"""Each shell's startup file and completion: bash, zsh, fish, tcsh and others."""
