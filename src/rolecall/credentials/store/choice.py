"""Which role this terminal has chosen, and which one this user prefers in this project.

Owns: the choice files, and forgetting those of terminals that are gone.
Must not: know how a session is had.
Called by: the tasks; `envrc.d/30-role.sh` reads the choice with bash builtins.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from rolecall.project.config import Project
from rolecall.project.roles import ALIAS, ARN
from rolecall.system import direnv, files, paths, terminal
from rolecall.system.terminal import Leader

FOLDER = "terminals"


def record(folder: Path, role: str, leader: Leader) -> Path:
    """Make `role` the choice of `leader`'s terminal; return the file."""
    terminals = files.private_dir(files.private_dir(folder) / FOLDER)
    forget_dead(folder)
    path = terminals / leader.key
    if _role(path) != role:  # direnv loads again at each write
        files.write_private(path, f"{role}\n")
    return path


def read(folder: Path, leader: Leader | None) -> str | None:
    """Return the choice of `leader`'s terminal, or None."""
    return _role(folder / FOLDER / leader.key) if leader else None


def forget_dead(folder: Path) -> None:
    """Remove the choices of terminals whose session leader is gone."""
    for path in (folder / FOLDER).glob("*-*"):
        pid, _, started = path.name.partition("-")
        if pid.isdigit() and terminal.started_at(int(pid)) != started:
            path.unlink(missing_ok=True)


def default(project: Project, *, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the role of a terminal that chose none: this user's default, else the project's."""
    return _role(_default_path(project, environ)) or project.default_role


def record_default(project: Project, role: str, *, environ: Mapping[str, str] = os.environ) -> None:
    """Make `role` this user's default in this project."""
    path = _default_path(project, environ)
    files.private_dir(path.parent)
    files.write_private(path, f"{role}\n")


def current(project: Project, folder: Path, *, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the role that applies here without `--role`.

    ROLECALL_ROLE set by the person, else this terminal's choice, else the default, else ROLE_ARN in the
    environment. What `.envrc` itself exported does not count as the person's word.
    """
    before, loaded = direnv.changes(environ).get("ROLECALL_ROLE", (environ.get("ROLECALL_ROLE"), None))
    now = environ.get("ROLECALL_ROLE")
    by_hand = now if now != loaded else before
    plain = direnv.reverted(environ)
    return (
        by_hand
        or read(folder, terminal.leader())
        or default(project, environ=environ)
        or plain.get("ROLE_ARN")
    )


def _default_path(project: Project, environ: Mapping[str, str]) -> Path:
    return paths.state_dir(environ=environ) / project.key / "default-role"


def _role(path: Path) -> str | None:
    word = (files.read_text(path) or "").strip()
    return word if ALIAS.fullmatch(word) or ARN.fullmatch(word) else None
