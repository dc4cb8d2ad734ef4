"""The files that a project is declared in: each is read once, and its mtime is taken before that.

A file that changes while it is read has an older mtime on record than on disk, and so is read again the
next time.
"""

import os

from rolecall.errors import ConfigError, MachineError
from rolecall.system.disk import files, paths
from rolecall.system.text.secret import Secret

DIGEST_DIGITS = 16
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES = 1 << 20  # an environment holds no more, and nobody writes as much by hand


class InputFiles:
    """What was read so far, in the order of reading, by path relative to `root`."""

    def __init__(self, root: str, *, read: "Callable[..., bytes]" = files.read_regular) -> None:
        self.root = root
        self._read = read
        self.mtimes: dict[str, int | None] = {}
        self._contents: dict[str, bytes] = {}

    def text(self, path: str) -> str | None:
        """Return the text of `path`, None where there is no such file.

        Raises ConfigError where it is no file, too large or not UTF-8 text, MachineError where it cannot be
        read.
        """
        name = os.path.relpath(path, self.root)
        self.mtimes[name] = files.mtime_ns(path)
        self._contents[name] = b""
        try:
            self._contents[name] = self._read(path, most_bytes=MOST_BYTES)
            return self._contents[name].decode()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except files.OddFileError as problem:
            says = f"{path} {problem}, so it is not read"
            raise ConfigError("file-odd", says, hint=f"ls -lL {paths.typed(path)}") from problem
        except UnicodeDecodeError as problem:
            hint = f"file {paths.typed(path)}"
            raise ConfigError("file-encoding", f"{path} is not UTF-8 text", hint=hint) from problem
        except OSError as problem:
            raise MachineError(
                "file-unreadable",
                f"cannot read {path}: {problem.strerror}",
                hint=f"ls -l {paths.typed(path)}",
            ) from problem

    def secret(self, path: str) -> Secret:
        """Return the text of `path`, which may hold secrets; an empty one where there is no such file."""
        return Secret(self.text(path) or "", remembered=False)

    @property
    def digest(self) -> str:
        """One word for the content of all files."""
        from hashlib import sha256

        total = sha256()
        for name, content in self._contents.items():
            total.update(f"{name}\0{len(content)}\0".encode() + content)
        return total.hexdigest()[:DIGEST_DIGITS]
