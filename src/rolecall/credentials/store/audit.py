"""The audit log: one JSON line for each session that was taken, in the user's state folder.

A line is appended whole, in one write, so that any number of processes may do it at once. It holds no secret:
of a key id, the last four characters. Must not raise where it cannot be written, or slow a `cd`: the session
matters more. So it writes its own JSON; whoever reads it back loads a parser.
"""

import errno
import os
import stat

from rolecall.errors import MachineError
from rolecall.system.clock import Deadline, iso
from rolecall.system.disk import files, locks, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rolecall.system.disk.place import Place

NAME = "audit.jsonl"
MOST_BYTES = 1_000_000
KEPT = 4  # older files, the youngest of them is NAME.1
HEAD = '{"when": '  # in a JSON text that begins no value but a line: within one, each quote has a backslash
FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
ESCAPES = {ord('"'): '\\"', ord("\\"): "\\\\"} | {code: f"\\u{code:04x}" for code in (*range(32), 127)}


def path_of(where: "Place") -> str:
    """Return the log: one for all projects of this user."""
    return f"{os.path.dirname(where.state)}/{NAME}"


def record(
    where: "Place", event: str, facts: "Mapping[str, str]", *, warn: "Callable[[str], object] | None"
) -> None:
    """Append one line. Where that fails, tell `warn` so, once until it works again."""
    line = _line({"when": iso(where.clock()), "event": event, **facts, "directory": where.root})
    path, mark = path_of(where), f"{where.folder}/audit.unwritable"
    try:
        _append(path, line.encode(errors="replace"))
        if os.path.lexists(mark):
            files.remove(mark)
    except (OSError, MachineError) as problem:
        said = problem if isinstance(problem, MachineError) else files.unwritable(problem, path)
        if warn and _is_first(mark):
            warn(f"this session is not in the audit log: {said}")


def read(where: "Place") -> "tuple[Mapping[str, str], ...]":
    """Return what the log says of this project, oldest first. Raises MachineError where it is unreadable."""
    path = path_of(where)
    older = (f"{path}.{number}" for number in range(KEPT, 0, -1))
    found = _entries("".join(map(_text, (*older, path))))
    return tuple(facts for facts in found if facts.get("directory") == where.root)


def _text(path: str) -> str:
    """Return what is in one file, also where a line was cut within a character."""
    try:
        with open(path, "rb") as file:
            is_own = os.fstat(file.fileno()).st_uid == os.getuid()
            return file.read().decode(errors="replace") if is_own else ""
    except FileNotFoundError:
        return ""
    except OSError as problem:
        hint = f"ls -l {paths.typed(path)}"
        raise MachineError(
            "file-unreadable", f"cannot read {path}: {problem.strerror}", hint=hint
        ) from problem


def _entries(text: str) -> "Iterator[Mapping[str, str]]":
    """Yield each whole entry: a full disk may have left the beginning of one, with another right after it."""
    import json

    for piece in text.split(HEAD)[1:]:
        try:
            facts = json.loads(f"{HEAD}{piece}")
        except ValueError:
            continue
        yield facts


def _append(path: str, line: bytes) -> None:
    files.private_dir(os.path.dirname(path))
    descriptor = os.open(path, FLAGS, files.PRIVATE_FILE)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid():
            raise OSError(errno.EPERM, "it is not a file of yours")
        if stat.S_IMODE(status.st_mode) != files.PRIVATE_FILE:
            os.fchmod(descriptor, files.PRIVATE_FILE)
        if os.write(descriptor, line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(descriptor)
    if status.st_size + len(line) > MOST_BYTES:
        _rotate(path)


def _rotate(path: str) -> None:
    """Begin a new file; whoever has the old one open still appends to that."""
    try:
        with locks.exclusive(f"{path}.lock", deadline=Deadline.after(0)):
            if os.stat(path).st_size <= MOST_BYTES:
                return
            names = [path, *(f"{path}.{number}" for number in range(1, KEPT + 1))]
            for older, younger in reversed(list(zip(names[1:], names, strict=False))):
                if os.path.exists(younger):
                    os.replace(younger, older)
    except (locks.LockBusyError, FileNotFoundError):
        return  # somebody else is at it, or has just moved the file away


def _is_first(mark: str) -> bool:
    """Return whether nobody has said yet that the log cannot be written."""
    try:
        os.close(os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, files.PRIVATE_FILE))
    except FileExistsError:
        return False
    except OSError:
        return True
    return True


def _line(facts: "Mapping[str, str]") -> str:
    pairs = (f'"{name}": "{value.translate(ESCAPES)}"' for name, value in facts.items())
    return f"{{{', '.join(pairs)}}}\n"
