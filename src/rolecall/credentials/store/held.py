"""Whose a session is: every shell's of this user, one terminal's, or one that programs may have.

The session of a protected role lies in the folder of the terminal where a person typed its name, and where
they said so, in that for programs. That of a read-only role without `read_only` lies in another one of the
terminal. Each folder is a Place, so that the store reads and writes it like the project's own.
`envrc.d/35-session.load.sh` reads the terminal's. Must not decide who may have a session.
"""

import os

from rolecall.system.disk import files
from rolecall.system.person import terminal
from rolecall.system.python.frozen import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rolecall.system.disk.place import Place
    from rolecall.system.person.terminal import Leader

PROTECTED, ELEVATED = KINDS = ("held", "elevated")  # folders; what is in them, and how it is marked
PROGRAMS = "programs"


def by_terminal(where: "Place", leader: "Leader", kind: str = PROTECTED) -> "Place":
    """Return the place of the sessions that `leader`'s terminal holds."""
    return _at(where, leader.key, kind)


def by_programs(where: "Place") -> "Place":
    """Return the place of the sessions that a person gave to programs, whichever terminal they run in."""
    return _at(where, PROGRAMS)


def here(where: "Place", kind: str = PROTECTED) -> "Place | None":
    """Return the place of what this terminal holds; None where there is no terminal, or nobody holds."""
    if not os.path.isdir(f"{where.folder}/{kind}"):
        return None
    leader = terminal.leader()
    return by_terminal(where, leader, kind) if leader else None


def for_programs(where: "Place") -> "tuple[tuple[Place, str], ...]":
    """Return each place where a program of this terminal may find a session, and the kind of those in it."""
    own = ((here(where, kind), kind) for kind in (ELEVATED, PROTECTED))
    mine = ((place, kind) for place, kind in own if place)
    return (*mine, (where, ""), (by_programs(where), PROTECTED))


def elsewhere(where: "Place") -> "tuple[Place, ...]":
    """Return the places of the other terminals that are still open and hold a session."""
    leader = terminal.leader()
    own = leader.key if leader else ""
    return tuple(_at(where, key) for key in _keys(where, PROTECTED) if key != own and _is_open(key))


def make(where: "Place") -> None:
    """Make the folder of the held place `where`. Raises MachineError where that is refused."""
    kind = os.path.dirname(where.folder)
    for folder in (os.path.dirname(kind), kind, where.folder):
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
    for kind in KINDS:
        for key in _keys(where, kind):
            if not _is_open(key):
                forget(_at(where, key, kind))


def _keys(where: "Place", kind: str) -> list[str]:
    """Return the keys of the terminals that hold something."""
    folder = f"{where.folder}/{kind}"
    return [key for key in os.listdir(folder) if key != PROGRAMS] if os.path.isdir(folder) else []


def _is_open(key: str) -> bool:
    pid, _, started = key.partition("-")
    return pid.isdigit() and terminal.started_at(int(pid)) == started


def _at(where: "Place", key: str, kind: str = PROTECTED) -> "Place":
    return replace(where, folder=f"{where.folder}/{kind}/{key}")
