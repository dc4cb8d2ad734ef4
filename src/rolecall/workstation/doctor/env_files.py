"""Whether the personal files are private, and which .envrc of the folders above direnv leaves out.

Must not read a value.
"""

import os
import shlex
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from rolecall.credentials.leaks import guard
from rolecall.system.disk import files, paths
from rolecall.system.programs import git, processes
from rolecall.workstation.doctor.symptom import Symptom, fine, note, problem
from rolecall.workstation.envfile import account
from rolecall.workstation.envrc import render
from rolecall.workstation.envrc.runtime import FILE
from rolecall.workstation.steps.step import Context

PRIVATE = (account.FILE, account.SAVED)
OTHERS = 0o077


def look(context: Context) -> Iterator[Symptom]:
    """Yield env-private for each personal file, env-tracked, parent-envrc and leaks."""
    for path in sorted({context.root / account.FILE, *context.root.glob(f"{account.SAVED}*")}):
        if path.exists():
            yield _private(path)
    yield _tracked(context.root)
    yield _parent(context)
    yield _staged(context)


def _private(path: Path) -> Symptom:
    status = path.stat()
    if stat.S_IMODE(status.st_mode) & OTHERS:
        detail = f"others on this machine can read {path.name}"
        return problem("env-private", detail, f"chmod 600 {path}", mend=partial(path.chmod, 0o600))
    if status.st_uid != os.getuid():
        return problem("env-private", f"{path.name} belongs to another user", f"sudo chown $USER {path}")
    return fine("env-private", f"{path.name} is readable by you alone")


def _tracked(root: Path) -> Symptom:
    own = [FILE] if render.is_ours(files.read_text(root / FILE) or "") else []
    saved = sorted(path.name for path in root.glob(f"{account.SAVED}.*"))
    tracked = [name for name in (*PRIVATE, *saved, *own) if git.holds(root / name)]
    if not tracked:
        return fine("env-tracked", "git holds no personal file")
    secret = " Its keys are in the history: replace them." if set(tracked) & set(PRIVATE) else ""
    words = [f"git rm -q --cached {name}; mv {name} {name}.from-git" for name in tracked]
    detail = f"{' '.join(tracked)} came with git, so rolecall does not read it.{secret}"
    return problem("env-tracked", detail, "; ".join(words))


def _staged(context: Context) -> Symptom:
    """See whether what is staged for a commit holds a credential."""
    if processes.find("git") is None:
        return note("leaks", "git is not installed, so nothing is staged")
    found = guard.find(context.root, environ=context.environ)
    if not found:
        return fine("leaks", "no credential is staged for a commit")
    names = " ".join(dict.fromkeys(shlex.quote(f":/{leak.file}") for leak in found))
    return problem("leaks", "; ".join(leak.text for leak in found), f"git restore --staged {names}")


def _parent(context: Context) -> Symptom:
    above = next((folder for folder in context.root.parents if (folder / ".envrc").is_file()), None)
    if above is None:
        return fine("parent-envrc", "no .envrc in a folder above")
    place = paths.short(above / ".envrc", environ=context.environ)
    detail = f"{place} is not loaded in here: direnv takes the nearest .envrc only"
    return note("parent-envrc", detail, "echo source_up >envrc.d/05-parent.sh && invoke render")
