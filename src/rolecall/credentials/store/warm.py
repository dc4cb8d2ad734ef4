"""A warm session without the rest of rolecall: what the shell decides with builtins, decided in Python.

Owns: whether the files on disk still tell the truth, and the `credential_process` reply.
Must not: import dataclasses, tomllib, dotenv or an SDK: an SDK waits for this process.
Called by: the machine's door.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from rolecall.credentials.store import session_file
from rolecall.system import paths

HARD_SECONDS = 120


def read(
    root: str, role: str, *, environ: Mapping[str, str] = os.environ, clock: Callable[[], float] = time.time
) -> dict[str, str]:
    """Return the session file of `role` if it is true and fresh enough to hand out; else nothing.

    Nothing, too, where whoever fetches this very session is asking: a role must not become its own source.
    """
    key = paths.project_key(Path(root))
    if f"{key}/{role}" in environ.get("ROLECALL_RESOLVING", "").split(","):
        return {}
    folder = paths.runtime_dir(key, environ=environ)
    values = session_file.parse(_text(folder / f"{paths.file_name(role)}.env"))
    expires = values.get("ROLECALL_EXPIRES", "")
    is_fresh = expires.isdigit() and clock() + HARD_SECONDS <= int(expires)
    is_ours = values.get("ROLECALL_ROLE") == role and not values.get("ROLECALL_ENVIRON")
    if not is_fresh or not is_ours or values.get("ROLECALL_INPUTS") != _inputs(folder, root):
        return {}
    return values


def process_reply(values: Mapping[str, str]) -> str:
    """Return the reply of `credential_process`, version 1."""
    reply = {
        "Version": 1,
        "AccessKeyId": values["AWS_ACCESS_KEY_ID"],
        "SecretAccessKey": values["AWS_SECRET_ACCESS_KEY"],
        "SessionToken": values["AWS_SESSION_TOKEN"],
        "Expiration": values["AWS_CREDENTIAL_EXPIRATION"],
    }
    return json.dumps(reply) + "\n"


def _inputs(folder: Path, root: str) -> str:
    """The digest in the snapshot, if every stamp still has the mtime of its file."""
    digest, number = "", 0
    for line in _text(folder / "project.snapshot").splitlines():
        name, _, value = line.partition("=")
        if name == "@inputs":
            digest = value
        if name == "@input":
            if _mtime(f"{root}/{value}") != _mtime(f"{folder}/stamps/{number}"):
                return "stale"
            number += 1
    return digest or "unknown"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _mtime(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 - no Path needed for one number
    except OSError:
        return 0
