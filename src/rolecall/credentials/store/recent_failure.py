"""A remembered failure: for half a minute a `cd` says it again instead of trying again.

Owns: the marker file beside the session.
Must not: be written for a failure that a person just saw by hand.
Called by: the broker's callers in the hook; `envrc.d/50-session.sh` reads it with bash builtins.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rolecall.errors import RolecallError
from rolecall.system import files, paths

SECONDS = 30
PROJECT = "project"  # in place of a role, for a failure before any role is known


@dataclass(frozen=True, slots=True)
class Failure:
    """What failed, and until which epoch second it is not tried again."""

    until: int
    code: str
    says: str


def path_of(folder: Path, role: str) -> Path:
    """Return the marker of `role`."""
    return folder / f"{paths.file_name(role)}.failed"


def record(
    folder: Path, role: str, problem: RolecallError, *, clock: Callable[[], float] = time.time
) -> None:
    """Remember `problem` for `role`. Raises MachineError where the folder cannot be written."""
    says = re.sub(r"[\x00-\x1f\x7f]+", " ", str(problem))
    text = f"until={int(clock()) + SECONDS}\ncode={problem.code}\nsays={says}\n"
    files.write_private(path_of(files.private_dir(folder), role), text)


def read(folder: Path, role: str, *, clock: Callable[[], float] = time.time) -> Failure | None:
    """Return the failure still remembered for `role`, or None."""
    lines = dict(
        line.partition("=")[::2] for line in (files.read_text(path_of(folder, role)) or "").splitlines()
    )
    until = lines.get("until", "")
    if not until.isdigit() or not clock() < int(until) <= clock() + SECONDS:
        return None
    return Failure(int(until), lines.get("code", ""), lines.get("says", ""))


def clear(folder: Path, role: str) -> None:
    """Forget the failure of `role`."""
    path_of(folder, role).unlink(missing_ok=True)
