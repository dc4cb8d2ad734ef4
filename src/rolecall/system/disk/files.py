"""Private files: born 0600, replaced whole, seen by direnv.

The one way rolecall writes a file that others may be reading. Must not know what is in the files, or delete
what it did not make. A `cd` loads this module, so paths are strings or Paths, and pathlib is not imported.
"""

import errno
import os
import stat
import time

from rolecall.errors import MachineError
from rolecall.system.disk import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    AnyPath = str | os.PathLike[str]
    P = TypeVar("P", bound=AnyPath)

PRIVATE_FILE = 0o600
PRIVATE_DIR = 0o700
OTHERS = 0o077
MOST_BYTES = 4 << 20


def private_dir(path: "P") -> "P":
    """Make `path` a folder only this user can enter, and return it.

    Raises MachineError where it cannot be made, or belongs to someone else: a folder under a shared
    root that another user made first must not receive credentials.
    """
    with _explained(path):
        os.makedirs(path, PRIVATE_DIR, exist_ok=True)
        status = os.lstat(path)
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
            raise MachineError(
                "folder-not-ours",
                f"{path} is not a folder of yours",
                hint=f"rm -r {paths.typed(path)}",
            )
        if stat.S_IMODE(status.st_mode) != PRIVATE_DIR:
            os.chmod(path, PRIVATE_DIR)
    return path


def write_private(path: "AnyPath", text: str, *, clock: "Callable[[], float]" = time.time) -> None:
    """Replace `path` by `text`, mode 0600, whole or not at all.

    direnv compares whole seconds of mtime (file_times.go), so a second write within one second would
    never be seen: the new mtime is max(now, old + 1).
    Raises MachineError where the disk is full or the folder read-only; the old file then still stands.
    """
    write_file(path, text, mode=PRIVATE_FILE, mtime=_next_mtime(path, clock()))


def write_file(path: "AnyPath", text: str, *, mode: int, mtime: float | None = None) -> None:
    """Replace `path` by `text` with `mode`, whole or not at all; `mtime` in epoch seconds.

    Raises MachineError as `write_private` does.
    """
    folder, name = os.path.split(os.fspath(path))
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.{time.monotonic_ns()}")
    with _explained(path):
        _sweep(folder or ".", name)
        try:
            _write_synced(temporary, text, mode)
            if mtime is not None:
                os.utime(temporary, (mtime, mtime))
            os.replace(temporary, path)
        except BaseException:
            remove(temporary)
            raise


def rewrite(path: "AnyPath", text: str, *, clock: "Callable[[], float]" = time.time) -> None:
    """Replace the text of a file of the person's: a link stays a link, the mode stays, and direnv sees it.

    Raises MachineError as `write_private` does.
    """
    real = os.path.realpath(path)
    mode = stat.S_IMODE(os.stat(real).st_mode)
    write_file(real, text, mode=mode, mtime=_next_mtime(real, clock()))


def touch_private(path: "AnyPath", mtime_ns: int) -> None:
    """Make `path` a private file with that mtime, empty where it is new. Raises MachineError."""
    with _explained(path):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE_FILE))
        os.utime(path, ns=(mtime_ns, mtime_ns))


def read_text(path: "AnyPath") -> str | None:
    """Return the text of `path`, or None where there is no such file or it is not UTF-8 text."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
        return None
    except OSError as problem:
        raise MachineError(
            "file-unreadable", f"cannot read {path}: {problem.strerror}", hint=f"ls -l {paths.typed(path)}"
        ) from problem


def read_own(path: "AnyPath") -> str | None:
    """Return the text of a private file; None where there is none, or it cannot be believed.

    That is one which is a link or no file, which others own, read or write, or which is larger than any of
    ours. bash asks the same before it reads, but for the mode, which it cannot see.
    """
    try:
        return read_regular(path, is_private=True).decode()
    except (OSError, UnicodeDecodeError):
        return None


class OddFileError(OSError):
    """What stands there is not a file to be read: a device, a pipe, a folder, or a huge one."""


def read_regular(path: "AnyPath", *, most_bytes: int = MOST_BYTES, is_private: bool = False) -> bytes:
    """Return the content of the regular file `path`, without ever waiting for one that is none.

    With `is_private` it must also be no link, and this user's alone. Raises OSError where it cannot be
    read, OddFileError where it is not to be.
    """
    only = os.O_NOFOLLOW if is_private else 0
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | only)
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OddFileError("is not a file")
        if is_private and (status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & OTHERS):
            raise OddFileError("is not private")
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise OddFileError(f"is larger than {most_bytes >> 20} MiB")
    return content


def remove(path: "AnyPath") -> bool:
    """Remove the file `path`; return whether there was one. Raises MachineError where that is refused."""
    try:
        os.unlink(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as problem:
        raise unwritable(problem, path, "remove") from problem
    return True


def unwritable(problem: OSError, path: "AnyPath", verb: str = "write") -> MachineError:
    """Return the error about a `path` that cannot be written, with its real cause.

    "No space left" is also said where there are gigabytes, but no inode left for one more file.
    """
    folder = os.path.dirname(os.fspath(path))
    typed = paths.typed(folder)
    if problem.errno == errno.ENOSPC and not _has_inodes(folder):
        says = "the file system has no inodes left: there are too many files on it"
        return MachineError("file-unwritable", f"cannot {verb} {path}: {says}", hint=f"df -i {typed}")
    hint = f"df -h {typed}; ls -ld {typed}"
    return MachineError("file-unwritable", f"cannot {verb} {path}: {problem.strerror}", hint=hint)


def mtime_ns(path: "AnyPath") -> int | None:
    """Return the mtime of `path` in nanoseconds, or None where it cannot be told."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None


def sha256(text: str) -> str:
    """Return the digest of `text` in hex, as `sha256sum` would print it for a file with that text."""
    from hashlib import sha256 as digest

    return digest(text.encode(errors="surrogateescape")).hexdigest()


def _write_synced(path: str, text: str, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
    with open(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(text.encode(errors="surrogateescape"))  # rc files may hold other encodings
        file.flush()
        os.fsync(descriptor)


def _has_inodes(folder: str) -> bool:
    try:
        status = os.statvfs(folder)
    except OSError:
        return True
    return status.f_files == 0 or status.f_favail > 0  # some file systems (btrfs) count none


def _sweep(folder: str, name: str) -> None:
    """Remove what killed writers of this file left: it may hold a secret, and nobody else would."""
    for found in os.listdir(folder):
        if found.startswith(f".{name}."):
            writer = found.split(".")[-2]
            if writer.isdigit() and not _is_alive(int(writer)):
                remove(f"{folder}/{found}")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _next_mtime(path: "AnyPath", now: float) -> float:
    before = mtime_ns(path)
    return float(int(now)) if before is None else float(max(int(now), before // 1_000_000_000 + 1))


class _explained:  # noqa: N801 - reads as a word in a with statement
    """A block in which an OSError becomes a MachineError about `path`."""

    def __init__(self, path: "AnyPath") -> None:
        self.path = path

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        """Explain."""
        if isinstance(problem, OSError):
            raise unwritable(problem, self.path) from problem
