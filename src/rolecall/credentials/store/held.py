"""Whose a session is: every shell's of this user, one terminal's, or one that programs may have.

The session of a protected role lies in the folder of the terminal where a person typed its name, and where
they said so, in that for programs. Each folder is a Place, so that the store reads and writes it like the
project's own. `envrc.d/50-session.sh` reads the terminal's. Must not decide who may have a session.
"""

import os

from rolecall.system import files, terminal
from rolecall.system.python.frozen import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rolecall.system.place import Place
    from rolecall.system.terminal import Leader

FOLDER = "held"
PROGRAMS = "programs"


def by_terminal(where: "Place", leader: "Leader") -> "Place":
    """Return the place of the sessions that `leader`'s terminal holds."""
    return _at(where, leader.key)


def by_programs(where: "Place") -> "Place":
    """Return the place of the sessions that a person gave to programs, whichever terminal they run in."""
    return _at(where, PROGRAMS)


def here(where: "Place") -> "Place | None":
    """Return the place of what this terminal holds; None where there is no terminal, or nobody holds."""
    if not os.path.isdir(f"{where.folder}/{FOLDER}"):
        return None
    leader = terminal.leader()
    return by_terminal(where, leader) if leader else None


def elsewhere(where: "Place") -> "tuple[Place, ...]":
    """Return the places of the other terminals that are still open and hold a session."""
    leader = terminal.leader()
    own = leader.key if leader else ""
    return tuple(_at(where, key) for key in _keys(where) if key != own and _is_open(key))


def make(where: "Place") -> None:
    """Make the folder of the held place `where`. Raises MachineError where that is refused."""
    project, _, _ = where.folder.rpartition(f"/{FOLDER}/")
    for folder in (project, f"{project}/{FOLDER}", where.folder):
        files.private_dir(folder)


def forget(where: "Place") -> None:
    """Remove every session of the held place `where`."""
    for name in os.listdir(where.folder) if os.path.isdir(where.folder) else ():
        files.remove(f"{where.folder}/{name}")
    try:
        os.rmdir(where.folder)
    except OSError:
        return  # it was not there, or somebody has just put a session into it


def forget_closed(where: "Place") -> None:
    """Remove the sessions of terminals that are closed."""
    for key in _keys(where):
        if not _is_open(key):
            forget(_at(where, key))


def _keys(where: "Place") -> list[str]:
    """Return the keys of the terminals that hold something."""
    folder = f"{where.folder}/{FOLDER}"
    return [key for key in os.listdir(folder) if key != PROGRAMS] if os.path.isdir(folder) else []


def _is_open(key: str) -> bool:
    pid, _, started = key.partition("-")
    return pid.isdigit() and terminal.started_at(int(pid)) == started


def _at(where: "Place", key: str) -> "Place":
    return replace(where, folder=f"{where.folder}/{FOLDER}/{key}")
