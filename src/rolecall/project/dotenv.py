"""`.env`: personal values, read by one parser.

Owns: reading `.env` with python-dotenv, and which of its names belong to the identity.
Must not: write `.env` (workstation.envfile merges it), or put a value into any environment.
Called by: config; the cache's snapshot for the shell.
"""

import io
import re
from collections.abc import Mapping
from pathlib import Path

from rolecall.errors import ConfigError
from rolecall.system import files

IDENTITY = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE")
KEYRING = "ROLECALL_KEYRING"  # the name of the OS keyring's entry that holds the keys
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read(path: Path) -> dict[str, str]:
    """Return the values of `.env`; empty where there is no such file. A name without `=` is left out.

    Raises ConfigError with the line where python-dotenv cannot read one, or the file is not UTF-8.
    """
    from dotenv.main import DotEnv
    from dotenv.parser import parse_stream

    if not path.exists():
        return {}
    text = files.read_text(path)
    if text is None:
        raise ConfigError("env-encoding", f"{path} is not UTF-8 text", hint=f"file {path}")
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            raise ConfigError(
                "env-syntax",
                f"{path}:{binding.original.line}: this line is not KEY=value",
                hint="quote values with spaces or #: KEY='a b'",
            )
    values = DotEnv(None, stream=io.StringIO(text), interpolate=True).dict()
    return {name: value for name, value in values.items() if value is not None}


def for_shell(values: Mapping[str, str]) -> dict[str, str]:
    """Return what of `.env` may reach a shell: everything but the long-lived identity."""
    kept = {name: value for name, value in values.items() if name not in (*IDENTITY, KEYRING)}
    return {name: value for name, value in kept.items() if NAME.fullmatch(name)}
