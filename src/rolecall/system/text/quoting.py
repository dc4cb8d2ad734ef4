"""Values as text that a parser reads back the same.

The two quoting filters, for a shell and for `.env`. Must not echo a value in an error.

What `.env` can hold was measured: direnv's dotenv, python-dotenv and a sourcing bash read these three
forms alike (tests/system/text/test_quoting.py runs all of them):
bare where every character is plain; single quotes where there is none inside, no `${` (python-dotenv
expands it even there) and no backslash it would take for an escape; double quotes where there is nothing
that any of them expands.
"""

import re
import shlex
from pathlib import Path

from rolecall.errors import ConfigError

PLAIN = re.compile(r"[A-Za-z0-9_./:@%+=,-]*")
NOT_SINGLE = re.compile(r"'|\$\{|\\\\|\\$")
NOT_DOUBLE = re.compile(r"[$`]")
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\u0085\u2028\u2029]")


def shell(value: str) -> str:
    """Return `value` as one word of bash, whatever is in it. Raises ConfigError for a NUL."""
    if "\0" in value:
        raise ConfigError("value-unquotable", "a value with a NUL cannot stand in a shell script")
    return shlex.quote(value)


def edit_command(path: Path | str, line: int = 1) -> str:
    """Return the command that opens `path` in the person's editor; for the hint about a broken file."""
    at = f"+{line} " if line > 1 else ""
    return f"${{EDITOR:-vi}} {at}{shlex.quote(str(path))}"


def dotenv(value: str, name: str = "this value") -> str:
    """Return `value` as what follows `KEY=` in `.env`. Raises ConfigError naming `name` where nothing can."""
    if PLAIN.fullmatch(value):
        return value
    if not CONTROL.search(value):
        if not NOT_SINGLE.search(value):
            return f"'{value}'"
        if not NOT_DOUBLE.search(value):
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
    raise ConfigError(
        "value-unquotable",
        f"{name} cannot be written to .env so that everything reads it the same"
        " (a line break, or $ beside a quote or backslash); choose another value,"
        " or set it in the environment",
    )
