"""Edit one startup file of the user, with care for links, owners, modes and damaged markers.

A file that must not be changed is never written; the edit then says why. Nothing here depends on the shell.
"""

import difflib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rolecall.system.disk import files
from rolecall.workstation.shells import block
from rolecall.workstation.steps import new_folders

NEW_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Edit:
    """The text of a file before (None: no such file) and after. With a `refusal`, nothing is written."""

    path: Path
    before: str | None
    after: str
    note: str = ""
    refusal: str = ""

    @property
    def is_needed(self) -> bool:
        """Whether the file would change."""
        return self.before != self.after

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        old, new = ((text or "").splitlines(keepends=True) for text in (self.before, self.after))
        return "".join(difflib.unified_diff(old, new, str(self.path), str(self.path)))


def plan(path: Path, body: str) -> Edit:
    """Return the edit that puts `body` into `path` between our markers. Writes nothing."""
    try:
        real, note = _real(path)
        before = real.read_bytes().decode(errors="surrogateescape") if real.exists() else None
    except _RefusedError as refused:
        return Edit(path, None, "", refusal=str(refused))
    except OSError as problem:
        return Edit(path, None, "", refusal=f"it cannot be read: {problem.strerror}")
    try:
        found = block.find(before or "")
        if found and found.is_edited:
            return Edit(real, before, before or "", note="its rolecall block was edited by hand and is kept")
        return Edit(real, before, block.put(before or "", body), note=note)
    except block.CorruptedError as problem:
        return Edit(path, before, "", refusal=f"it has {problem}; delete the lines between its markers first")


def facts(edit: Edit) -> dict[str, str]:
    """Return the facts that undo needs; they are journaled before the edit is applied."""
    newline = block.find(edit.before or "") is None and bool(block.needed_newline(edit.before or ""))
    return {
        "file": str(edit.path),
        "created": str(edit.before is None),
        "newline": str(newline),
        "folders": new_folders.missing(edit.path.parent),
    }


def apply(edit: Edit) -> None:
    """Write the edit. Raises MachineError where that fails."""
    new_folders.make(edit.path.parent)
    mode = stat.S_IMODE(edit.path.stat().st_mode) if edit.before is not None else NEW_MODE
    files.write_file(edit.path, edit.after, mode=mode)


def undo(facts: Mapping[str, str]) -> str:
    """Remove our block to the byte; return one line that says so, or why the block was kept."""
    path = Path(facts["file"])
    try:
        text = path.read_bytes().decode(errors="surrogateescape")
        found = block.find(text)
    except FileNotFoundError:
        return f"{path} is gone already"
    except (OSError, block.CorruptedError) as problem:
        return f"kept the rolecall block in {path}: {problem}"
    if found is None:
        return f"{path} has no rolecall block any more"
    if found.is_edited:
        return f"kept the rolecall block in {path}: it was edited since"
    rest = block.take(text, has_added_newline=facts.get("newline") == "True")
    if not rest and facts.get("created") == "True":
        path.unlink()
        new_folders.remove_empty(facts.get("folders", ""))
        return f"removed {path}"
    files.write_file(path, rest, mode=stat.S_IMODE(path.stat().st_mode))
    return f"removed the rolecall block from {path}"


class _RefusedError(Exception):
    """The file must not be changed; the message says why."""


def _real(path: Path) -> tuple[Path, str]:
    """Return the file to write, through a link only if it leads to the user's own regular file."""
    if not path.exists():
        if path.is_symlink():
            raise _RefusedError(f"it is a link to {path.readlink()}, which does not exist")
        _check_folder(path.parent)
        return path, ""
    real = path.resolve()
    status = real.stat()
    where = f"it is a link to {real}, which" if real != path.absolute() and path.is_symlink() else "it"
    if not stat.S_ISREG(status.st_mode):
        raise _RefusedError(f"{where} is not a regular file")
    if status.st_uid != os.geteuid():
        raise _RefusedError(f"{where} belongs to someone else")
    if not status.st_mode & stat.S_IWUSR or not os.access(real, os.W_OK):
        raise _RefusedError(f"{where} is read-only")
    _check_folder(real.parent)
    return real, f"{path} is a link to it" if path.is_symlink() else ""


def _check_folder(folder: Path) -> None:
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(nearest, os.W_OK):
        raise _RefusedError(f"{nearest} is not writable")
