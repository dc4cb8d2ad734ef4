"""Whether the personal files are private, and what direnv makes of the folders above.

Owns: the symptoms env-private, env-tracked, parent-envrc.
Must not: read a value.
Called by: doctor.
"""

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from rolecall.system import paths, processes
from rolecall.workstation.doctor.symptom import Level, Symptom
from rolecall.workstation.envfile import account
from rolecall.workstation.steps.step import Context

PRIVATE = (account.FILE, account.SAVED)
OTHERS = 0o077


def look(context: Context) -> Iterator[Symptom]:
    """Yield one symptom for each question of this module."""
    for name in PRIVATE:
        if (context.root / name).exists():
            yield _private(context.root / name)
    yield _tracked(context.root)
    yield _parent(context)


def _private(path: Path) -> Symptom:
    status = path.stat()
    if stat.S_IMODE(status.st_mode) & OTHERS:
        return Symptom(
            "env-private",
            Level.PROBLEM,
            f"others on this machine can read {path.name}",
            f"chmod 600 {path}",
            mend=partial(path.chmod, 0o600),
        )
    if status.st_uid != os.getuid():
        return Symptom(
            "env-private", Level.PROBLEM, f"{path.name} belongs to another user", f"sudo chown $USER {path}"
        )
    return Symptom("env-private", Level.OK, f"{path.name} is readable by you alone")


def _tracked(root: Path) -> Symptom:
    if processes.find("git") is None:
        return Symptom("env-tracked", Level.NOTE, "no git here to ask")
    done = processes.run(["git", "ls-files", "--", *PRIVATE, ".envrc"], folder=root)
    tracked = done.out.split()
    if tracked:
        secret = " Its keys are in the history: replace them." if set(tracked) & set(PRIVATE) else ""
        names = " ".join(tracked)
        return Symptom(
            "env-tracked", Level.PROBLEM, f"git tracks {names}.{secret}", f"git rm --cached {names}"
        )
    return Symptom("env-tracked", Level.OK, "git tracks no personal file")


def _parent(context: Context) -> Symptom:
    above = [folder for folder in context.root.parents if (folder / ".envrc").is_file()]
    if above:
        place = above[0] / ".envrc"
        return Symptom(
            "parent-envrc",
            Level.NOTE,
            f"{_short(place, context)} is not loaded in here: direnv takes the nearest .envrc only",
            "echo source_up >envrc.d/05-parent.sh && invoke render",
        )
    return Symptom("parent-envrc", Level.OK, "no .envrc in a folder above")


def _short(path: Path, context: Context) -> str:
    home = paths.home(environ=context.environ)
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
