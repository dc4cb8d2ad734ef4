"""Private files: born 0600, replaced whole, seen by direnv.

Owns: the one way rolecall writes a file that others may be reading.
Must not: know what is in the files, or delete what it did not make.
Called by: the cache, the terminal's choice, the journal, rendering.
"""

import contextlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rolecall.errors import MachineError

PRIVATE_FILE = 0o600
PRIVATE_DIR = 0o700


def private_dir(path: Path) -> Path:
    """Make `path` a folder only this user can enter, and return it.

    Raises MachineError where it cannot be made, or belongs to someone else: a folder under a shared
    root that another user made first must not receive credentials.
    """
    with _explained(path):
        path.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
            raise MachineError(
                "folder-not-ours",
                f"{path} is not a folder of yours",
                hint=f"remove it: rm -r {path}",
            )
        if stat.S_IMODE(status.st_mode) != PRIVATE_DIR:
            path.chmod(PRIVATE_DIR)
    return path


def write_private(path: Path, text: str, *, clock: Callable[[], float] = time.time) -> None:
    """Replace `path` by `text`, mode 0600, whole or not at all.

    direnv compares whole seconds of mtime (file_times.go), so a second write within one second would
    never be seen: the new mtime is max(now, old + 1).
    Raises MachineError where the disk is full or the folder read-only; the old file then still stands.
    """
    write_file(path, text, mode=PRIVATE_FILE, mtime=_next_mtime(path, clock()))


def write_file(path: Path, text: str, *, mode: int, mtime: float | None = None) -> None:
    """Replace `path` by `text` with `mode`, whole or not at all; `mtime` in epoch seconds.

    Raises MachineError as `write_private` does.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    with _explained(path):
        _sweep(path)
        try:
            _write_synced(temporary, text, mode)
            if mtime is not None:
                os.utime(temporary, (mtime, mtime))
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def read_text(path: Path) -> str | None:
    """Return the text of `path`, or None where there is no such file or it is not UTF-8 text."""
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
        return None
    except OSError as problem:
        raise MachineError(
            "file-unreadable", f"cannot read {path}: {problem.strerror}", hint=f"ls -l {path}"
        ) from problem


def _write_synced(path: Path, text: str, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
        os.fchmod(descriptor, mode)
        file.write(text.encode(errors="surrogateescape"))  # rc files may hold other encodings
        file.flush()
        os.fsync(descriptor)


def _sweep(path: Path) -> None:
    """Remove what writers of `path` left that were killed: it may hold a secret, and nobody else would."""
    for name in os.listdir(path.parent):  # noqa: PTH208 - names alone, on the cold path
        if name.startswith(f".{path.name}."):
            writer = name.split(".")[-2]
            if writer.isdigit() and not _is_alive(int(writer)):
                path.with_name(name).unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _next_mtime(path: Path, now: float) -> float:
    try:
        return float(max(int(now), int(path.stat().st_mtime) + 1))
    except OSError:
        return float(int(now))


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise MachineError(
            "file-unwritable",
            f"cannot write {path}: {problem.strerror}",
            hint=f"free space or make {path.parent} writable: df -h {path.parent}",
        ) from problem
