"""The one error root: a code, a message, a hint.

Must not import anything of rolecall, print, or exit: the tasks' door makes the exit code.
"""

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_BUG = 3
EXIT_LOGIN = 4
EXIT_INTERRUPTED = 130


class RolecallError(Exception):
    """An expected failure.

    `code` is stable and meant for scripts ("role-unknown"); `message` says what failed, for which
    role or file; `hint` is the command that fixes it, or empty where no command can.
    """

    exit_code = EXIT_FAILED

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UsageError(RolecallError):
    """The command line cannot mean anything: nothing was tried."""

    exit_code = EXIT_USAGE


class ConfigError(RolecallError):
    """A file the user or the team wrote says something rolecall cannot follow."""


class CredentialError(RolecallError):
    """No session could be had: denied, unreachable, expired."""


class LoginNeededError(CredentialError):
    """Only a person can go on: a login or an MFA code is needed."""

    exit_code = EXIT_LOGIN


class MachineError(RolecallError):
    """The machine refuses: a disk is full, a folder is read-only, a program is missing."""
