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
    return "\n".join(f"{_digest(path)}  {path.relative_to(package)}" for path in _files(package))


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below `folder` in the order of bash's `*` in the C locale."""
    for path in sorted(folder.iterdir(), key=lambda path: os.fsencode(path.name)):
        if path.name.startswith(".") or path.name == "__pycache__":
            continue
        if path.is_symlink():
            hint = f"ls -l {shlex.quote(str(path))}"
            raise ConfigError("package-link", f"{path} is a link; rolecall's own files are none", hint=hint)
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
