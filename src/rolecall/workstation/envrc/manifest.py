"""The manifest: digests of every file that a cold `cd` could run, in the format of sha256sum(1).

It is rendered into `.envrc`. `envrc.d/40-trust.sh` computes the same lines and decides what a difference
means; a test compares the two.
"""

import hashlib
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from rolecall.errors import ConfigError


def manifest(root: Path) -> str:
    """Return "digest  path" lines, sorted by the path's bytes.

    What Python can import from the folder of `tasks.py` (Invoke puts it first on sys.path), Invoke's own
    files, `envrc.d`, `templates`, and `src` where rolecall itself lives in the project.
    Raises ConfigError for a file name that a line cannot hold.
    """
    found = {*_importable(root), *_trees(root)}
    names = sorted(os.fsencode(path.relative_to(root)) for path in found)
    return "\n".join(_line(root, os.fsdecode(name)) for name in names)


def _importable(root: Path) -> Iterator[Path]:
    for path in root.iterdir():
        if path.is_file() and (path.suffix in (".py", ".so") or path.name.startswith("invoke.")):
            yield path
        if not path.name.startswith(".") and (path / "__init__.py").is_file():
            yield path / "__init__.py"


def _trees(root: Path) -> Iterator[Path]:
    trees = ["envrc.d", "templates", *(["src"] if (root / "src/rolecall").is_dir() else [])]
    for tree in trees:
        for folder, _, names in os.walk(root / tree, followlinks=True):
            yield from (Path(folder, name) for name in names if not name.endswith(".pyc"))


def _line(root: Path, name: str) -> str:
    if "\n" in name or "\\" in name:
        raise ConfigError(
            "file-name",
            f"{name!r} cannot be checked: its name has a newline or a backslash",
            hint=shlex.join(["mv", name, re.sub(r"[\n\\]", "_", name)]),
        )
    return f"{hashlib.sha256((root / name).read_bytes()).hexdigest()}  {name}"
