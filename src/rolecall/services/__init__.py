"""Things that run beside the shell: the sandbox STS and the AWS CLI's diagnostic log."""
