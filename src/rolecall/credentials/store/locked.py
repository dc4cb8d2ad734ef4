"""Whether a project is locked: then nobody gets a session until a person assumes a role by hand.

The marks lie in the state folder, so that they outlast a reboot: one of the project, and one of all projects.
A project that was unlocked since has the word of the latter. `envrc.d/50-session.sh` reads them too. Must not
remove a session: credentials/lock.py does.
"""

import os

from rolecall.errors import LoginNeededError
from rolecall.system.disk import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rolecall.system.disk.place import Place

CODE = "locked"


def is_locked(where: "Place") -> bool:
    """Return whether the project is locked, by itself or with all others."""
    if os.path.lexists(_own(where)):
        return True
    if not os.path.lexists(_all(where)):
        return False
    word = files.read_own(_all(where))
    return word is None or word != files.read_own(_unlocked(where))


def refuse(where: "Place") -> None:
    """Raise LoginNeededError where the project is locked."""
    if is_locked(where):
        says = f"{where.root} is locked: there is no session in it until a person assumes a role by hand"
        raise LoginNeededError(CODE, says, hint="invoke assume")


def mark(where: "Place", *, is_all: bool) -> None:
    """Lock the project, or all of this user's. Raises MachineError where that cannot be written."""
    path = _all(where) if is_all else _own(where)
    files.private_dir(os.path.dirname(path))
    files.write_private(path, f"{where.clock():.6f}-{os.getpid()}\n")


def unlock(where: "Place") -> None:
    """Unlock the project; the others stay as they are. Raises MachineError where that cannot be written."""
    word = files.read_own(_all(where))
    if word is not None and word != files.read_own(_unlocked(where)):
        files.private_dir(where.state)
        files.write_private(_unlocked(where), word)
    if os.path.lexists(_own(where)):
        files.remove(_own(where))


def _own(where: "Place") -> str:
    return f"{where.state}/locked"


def _all(where: "Place") -> str:
    return f"{os.path.dirname(where.state)}/locked"


def _unlocked(where: "Place") -> str:
    return f"{where.state}/unlocked"
