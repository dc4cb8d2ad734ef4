"""Folders that setup has to make, and that teardown removes where they are empty again."""

import contextlib
import os
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system.disk import paths


def missing(*folders: Path) -> str:
    """Return the folders that making `folders` would create, deepest first, as one value for a record."""
    found = {path for folder in folders for path in (folder, *folder.parents) if not path.exists()}
    return os.pathsep.join(sorted(map(str, found), key=len, reverse=True))


def make(folder: Path) -> None:
    """Make `folder` and its parents. Raises MachineError where that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise MachineError(
            "folder-unwritable",
            f"cannot make {folder}: {problem.strerror}",
            hint=f"ls -ld {paths.typed(folder.parent)}",
        ) from problem


def remove_empty(recorded: str) -> None:
    """Remove the folders of a value that `missing` returned, except those that hold something by now."""
    for name in filter(None, recorded.split(os.pathsep)):
        with contextlib.suppress(OSError):
            Path(name).rmdir()


def remove_empty_above(path: Path, top: str) -> None:
    """Remove the folders that hold `path`, up to the nearest one named `top`, as far as they are empty."""
    for folder in path.parents:
        try:
            folder.rmdir()
        except OSError:
            return
        if folder.name == top:
            return
