"""A session as commands of a shell: set these variables, and unset what would go beside them.

Each function takes a session and the variables that go with it, and returns lines. A value here has no line
break: `variables.settings` leaves such values out.
"""

import json
import shlex
from collections.abc import Callable, Mapping

from rolecall.credentials.model import Session
from rolecall.credentials.variables import REMOVED, environment
from rolecall.errors import ConfigError


def bash(session: Session, more: Mapping[str, str]) -> str:
    """For bash, zsh and any POSIX shell: `eval "$(invoke assume --format bash)"`."""
    unset = f"unset {' '.join(REMOVED)}\n"
    return _lines(session, more, lambda name, value: f"export {name}={shlex.quote(value)}") + unset


def fish(session: Session, more: Mapping[str, str]) -> str:
    """For fish: `invoke assume --format fish | source`."""
    unset = f"set -e {' '.join(REMOVED)}\n"
    return _lines(session, more, lambda name, value: f"set -gx {name} {_fish_quoted(value)}") + unset


def tcsh(session: Session, more: Mapping[str, str]) -> str:
    """For tcsh and csh: ``eval `invoke assume --format tcsh` ``.

    The backquotes make one line of all; so each command ends with a semicolon.
    """
    unset = "".join(f"unsetenv {name};\n" for name in REMOVED)
    return _lines(session, more, lambda name, value: f"setenv {name} {_tcsh_quoted(name, value)};") + unset


def pwsh(session: Session, more: Mapping[str, str]) -> str:
    """For PowerShell: `invoke assume --format pwsh | Out-String | Invoke-Expression`."""
    unset = "".join(f"Remove-Item Env:{name} -ErrorAction SilentlyContinue\n" for name in REMOVED)
    return _lines(session, more, lambda name, value: f"$Env:{name} = {_doubled(value)}") + unset


def elvish(session: Session, more: Mapping[str, str]) -> str:
    """For elvish: `eval (invoke assume --format elvish | slurp)`."""
    unset = "".join(f"unset-env {name}\n" for name in REMOVED)
    return _lines(session, more, lambda name, value: f"set-env {name} {_doubled(value)}") + unset


def nushell(session: Session, more: Mapping[str, str]) -> str:
    """For nushell, which evaluates no text: `invoke assume --format nu | from json | load-env`.

    A variable that is null is none to the programs that nushell starts.
    """
    values: dict[str, str | None] = {**more, **environment(session), **dict.fromkeys(REMOVED)}
    return json.dumps(values, indent=2) + "\n"


def cmd(session: Session, more: Mapping[str, str]) -> str:
    """For cmd.exe, as lines of a batch file, in which a percent sign stands twice."""
    unset = "".join(f'set "{name}="\n' for name in REMOVED)
    return _lines(session, more, lambda name, value: f'set "{name}={_cmd_escaped(name, value)}"') + unset


def _lines(session: Session, more: Mapping[str, str], line: Callable[[str, str], str]) -> str:
    return "".join(f"{line(name, value)}\n" for name, value in {**more, **environment(session)}.items())


def _fish_quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _doubled(value: str) -> str:
    """In single quotes, where a single quote stands twice (PowerShell, elvish)."""
    return "'" + value.replace("'", "''") + "'"


def _tcsh_quoted(name: str, value: str) -> str:
    """In single quotes. History expansion reaches into them on a typed line and not in `eval`."""
    if "!" in value:
        raise _unspeakable(name, "an exclamation mark", "tcsh")
    return shlex.quote(value)


def _cmd_escaped(name: str, value: str) -> str:
    if '"' in value:
        raise _unspeakable(name, "a double quote", "cmd")
    return value.replace("%", "%%")


def _unspeakable(name: str, what: str, shell: str) -> ConfigError:
    return ConfigError(
        "value-unquotable",
        f"{name} of .env has {what}, which {shell} cannot be given safely",
        hint=f"grep -n {name} .env",
    )
