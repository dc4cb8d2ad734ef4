"""The role and the package in a file for CI or a container: from the flags, the file itself, or the team.

Such a file says which command writes it anew, and that line is all that is remembered of the flags.
Must not write a file.
"""

import itertools
import shlex
from collections.abc import Mapping
from pathlib import Path

from rolecall.errors import ConfigError, UsageError
from rolecall.project.roles import Role
from rolecall.project.roles_toml import reader
from rolecall.system.python import origin
from rolecall.system.text import quoting
from rolecall.workstation.project import roles_file

USUAL = ("deploy", "ci")
SOURCE = "src/rolecall/__init__.py"


def flags_in(line: str) -> dict[str, str]:
    """Return the flags with a value that a line such as `… --role deploy --package X` gives."""
    try:
        words = shlex.split(line)
    except ValueError:
        return {}
    return {
        word.removeprefix("--"): value
        for word, value in itertools.pairwise(words)
        if word in ("--role", "--package")
    }


def command(flag: str, **values: str) -> str:
    """Return the command that writes such a file anew, as its first line says it."""
    given = [word for name, value in values.items() for word in (f"--{name}", value)]
    return shlex.join(["rolecall", "render", flag, *given])


def role(root: Path, wanted: str, known: Mapping[str, str]) -> str:
    """Return the alias of the role that a job takes. Raises UsageError or ConfigError.

    Without `wanted` it is the one of `known`, else `deploy` or `ci` where declared, else the default role.
    """
    path = root / roles_file.FILE
    declared = reader.read(path)
    usual = [name for name in USUAL if name in declared.roles]
    name = wanted or known.get("role", "") or next(iter(usual), declared.default_role or "")
    if not name and len(declared.roles) == 1:
        (name,) = declared.roles
    if name not in declared.roles:
        listed = ", ".join(declared.roles) or "none"
        says = f"a job needs a role of {path}, and {name or 'none'} is not one (declared: {listed})"
        raise UsageError(
            "ci-role", says, hint=f"invoke render --ci --role {next(iter(declared.roles), 'NAME')}"
        )
    if trouble := _trouble(name, declared.roles):
        says = f"a job cannot take {name}: {trouble}"
        raise ConfigError("ci-role", says, hint=quoting.edit_command(path))
    return name


def package(root: Path, wanted: str, known: Mapping[str, str], *, flag: str) -> str:
    """Return what the job installs. Raises ConfigError where nobody could install it elsewhere.

    Without `wanted` it is the one of `known`, the checkout where rolecall itself is the project, else where
    this installation came from. An index is named only where this installation came from one.
    """
    found = wanted or known.get("package", "") or ("." if (root / SOURCE).is_file() else origin.requirement())
    if not found:
        says = "this rolecall came from a folder or a file of this machine, which no job and no container has"
        hint = f"invoke render {flag} --package git+https://HOST/rolecall@COMMIT"
        raise ConfigError("ci-package", says, hint=hint)
    if not found.isprintable():
        raise UsageError("ci-package", "--package is one line", hint=f"invoke render {flag}")
    return found


def _trouble(name: str, roles: Mapping[str, Role]) -> str:
    """Return why nobody but a person can take the role, or nothing."""
    seen: list[str] = []
    while name and name in roles and name not in seen:
        seen.append(name)
        found = roles[name]
        if found.protected:
            return f"{name} is protected, and nobody is there to type its name"
        if found.mfa:
            return f"{name} needs an MFA code, and nobody is there to type it"
        if found.sso:
            return f"Identity Center gives {name} to a person who logs in"
        name = found.source or ""
    return ""
