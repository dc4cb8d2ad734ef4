"""The files of a project that decide what runs on `cd`, or what its roles may do; each is read once.

Nothing else of the project is looked at: a new module, a folder `templates/` of a web framework or an
`__init__.py` runs on no `cd`, and asks nobody.
"""

import hashlib
import os
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rolecall.system.disk import paths
from rolecall.workstation.review import copy

ENVRC = ".envrc"
ROLES = "envrc.d/roles.toml"
MOST_BYTES = 1 << 20


def read(root: Path) -> dict[str, bytes]:
    """Return the content of each such file by its path in the project."""
    found = {name: _content(root / name) for name in (ENVRC, ROLES) if os.path.lexists(root / name)}
    names = {*_fragments(root), *_templates(root), *_policies(found.get(ROLES, b"")), *_package(root)}
    return found | {name: _content(root / name) for name in sorted(names) if os.path.lexists(root / name)}


def _fragments(root: Path) -> Iterator[str]:
    yield from (f"envrc.d/{path.name}" for path in root.glob("envrc.d/*.sh"))


def _templates(root: Path) -> Iterator[str]:
    """Yield the templates that rolecall renders from: those with the name of one of its own."""
    own = root / "templates"
    present = {path.name for path in own.iterdir()} if own.is_dir() else set()
    shipped = {path.name for path in paths.shipped("templates").iterdir()}
    is_ours = copy.package(root) is not None and paths.shipped("templates").parent in (
        root,
        copy.folder(root),
    )
    yield from (f"templates/{name}" for name in present if is_ours or name in shipped)


def _policies(roles: bytes) -> Iterator[str]:
    """Yield the session policies that `roles.toml` names; none where it cannot be read."""
    try:
        tables: Any = tomllib.loads(roles.decode()).get("roles", {})
        named = [table.get("session_policy") for table in tables.values()]
    except (ValueError, AttributeError):
        return
    for name in named:
        path = os.path.normpath(f"envrc.d/{name}") if isinstance(name, str) else ".."
        if not path.startswith(("..", "/")) and "\0" not in path:
            yield path


def _package(root: Path) -> Iterator[str]:
    """Yield the files of rolecall's package where it lives in the project, those that its manifest has."""
    top = copy.package(root)
    for folder, folders, names in os.walk(top or os.devnull):
        linked = [name for name in folders if Path(folder, name).is_symlink()]
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__pycache__"]
        for name in (*names, *linked):
            if not name.startswith("."):
                yield os.path.relpath(f"{folder}/{name}", root)


def _content(path: Path) -> bytes:
    """Return the content of a file, without waiting for one that is none; else words that say what it is."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as problem:
        return f"({problem.strerror})\n".encode()
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b"(this is no file)\n"
        content = file.read(MOST_BYTES + 1)
        if len(content) <= MOST_BYTES:
            return content
        rest = hashlib.file_digest(file, "sha256").hexdigest()
    return b"(larger than 1 MiB: sha256 %s %s)\n" % (
        hashlib.sha256(content).hexdigest().encode(),
        rest.encode(),
    )
