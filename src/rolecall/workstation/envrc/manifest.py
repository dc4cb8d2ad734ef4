"""The manifest: digests of rolecall's own files, in the format of sha256sum(1).

It is rendered into `.envrc` where rolecall lives in the project. `envrc.d/40-trust.cold.sh` lists the same
files in the same order and compares; a test compares the two.
"""

import hashlib
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from rolecall.errors import ConfigError


def of(package: Path) -> str:
    """Return "digest  path" lines for every file of `package`, without bytecode.

    Raises ConfigError for a link: what it points to could be changed without a trace.
    """
    prefix = len(os.path.join(package, ""))  # noqa: PTH118 - see _files
    return "\n".join(f"{_digest(path)}  {path[prefix:]}" for path in _files(package))


def _files(folder: Path | str) -> Iterator[str]:
    """Yield the files below `folder` in the order of bash's `*` in the C locale.

    The names stay text, and the folder says of what kind each is: a Path and a stat for each of hundreds of
    files took longer than their digests.
    """
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: os.fsencode(entry.name))
    for entry in entries:
        if entry.name.startswith(".") or entry.name == "__pycache__":
            continue
        if entry.is_symlink():
            hint = f"ls -l {shlex.quote(entry.path)}"
            message = f"{entry.path} is a link; rolecall's own files are none"
            raise ConfigError("package-link", message, hint=hint)
        if entry.is_dir():
            yield from _files(entry.path)
        else:
            yield entry.path


def _digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
