"""A remembered failure: for half a minute a `cd` says it again instead of trying again.

Must not be written for a failure that a person just saw by hand. `envrc.d/51-failing.cold.sh` reads the file
with bash builtins.
"""

import os

from rolecall.credentials.store import session_file
from rolecall.system import command
from rolecall.system.disk import files, paths
from rolecall.system.python.frozen import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rolecall.errors import RolecallError
    from rolecall.system.disk.place import Place

SECONDS = 30
MOST_DIGITS = 20
TICK_SECONDS = 0.02  # the clock of a file system lags behind the system's by a tick
PROJECT = "@project"  # no role has such a name; in place of a role, for a failure before any role is known


@dataclass(frozen=True, slots=True)
class Failure:
    """What failed, when (epoch), and until which epoch second it is not tried again."""

    until: int
    code: str
    says: str
    at: float = 0.0


def path_of(where: "Place", role: str, mark: str = "") -> str:
    """Return the marker of `role`, as the identity of `mark` assumes it."""
    return f"{where.folder}/{paths.file_name(role, mark)}.failed"


def record(where: "Place", role: str, problem: "RolecallError", *, since: float, mark: str = "") -> None:
    """Remember `problem` for `role`, of an attempt that began at epoch `since`.

    The file's time is that begin: who edits `.env` while STS is asked has edited it after what failed.
    Raises MachineError where the folder cannot be written.
    """
    from rolecall.system.text import redaction

    says = redaction.shown(" ".join(command.spoken(str(problem)).split()))
    now = where.clock()
    text = f"until={int(now) + SECONDS}\nat={now:.6f}\ncode={problem.code}\nsays={says}\n"
    files.private_dir(where.folder)
    path = path_of(where, role, mark)
    files.write_private(path, text)
    begun = since - TICK_SECONDS
    os.utime(path, (begun, begun))


def read(where: "Place", role: str, mark: str = "") -> Failure | None:
    """Return the failure still remembered for `role`, or None."""
    text = files.read_own(path_of(where, role, mark)) or ""
    lines = dict(line.partition("=")[::2] for line in text.split("\n")[:-1])
    try:
        until = session_file.epoch(lines.get("until", ""))
        at = float(lines.get("at", "0")[:MOST_DIGITS])
    except ValueError:
        return None
    if not where.clock() < until <= where.clock() + SECONDS:
        return None
    return Failure(until, lines.get("code", ""), lines.get("says", ""), at)


def clear(where: "Place", role: str, mark: str = "") -> None:
    """Forget the failure of `role`."""
    files.remove(path_of(where, role, mark))
