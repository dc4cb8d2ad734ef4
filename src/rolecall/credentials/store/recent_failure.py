"""A remembered failure: for half a minute a `cd` says it again instead of trying again.

Must not be written for a failure that a person just saw by hand. `envrc.d/50-session.sh` reads the file
with bash builtins.
"""

from rolecall.credentials.store import session_file
from rolecall.system import files, paths
from rolecall.system.frozen import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rolecall.errors import RolecallError
    from rolecall.system.place import Place

SECONDS = 30
PROJECT = "project"  # in place of a role, for a failure before any role is known


@dataclass(frozen=True, slots=True)
class Failure:
    """What failed, and until which epoch second it is not tried again."""

    until: int
    code: str
    says: str


def path_of(where: "Place", role: str) -> str:
    """Return the marker of `role`."""
    return f"{where.folder}/{paths.file_name(role)}.failed"


def record(where: "Place", role: str, problem: "RolecallError") -> None:
    """Remember `problem` for `role`. Raises MachineError where the folder cannot be written."""
    says = "".join(
        " " if ord(character) < ord(" ") or character == "\x7f" else character for character in str(problem)
    )
    text = f"until={int(where.clock()) + SECONDS}\ncode={problem.code}\nsays={says}\n"
    files.private_dir(where.folder)
    files.write_private(path_of(where, role), text)


def read(where: "Place", role: str) -> Failure | None:
    """Return the failure still remembered for `role`, or None."""
    text = files.read_text(path_of(where, role)) or ""
    lines = dict(line.partition("=")[::2] for line in text.split("\n"))
    try:
        until = session_file.epoch(lines.get("until", ""))
    except ValueError:
        return None
    if not where.clock() < until <= where.clock() + SECONDS:
        return None
    return Failure(until, lines.get("code", ""), lines.get("says", ""))


def clear(where: "Place", role: str) -> None:
    """Forget the failure of `role`."""
    files.remove(path_of(where, role))
