"""The edit of one file of the user, with care for links, owners, modes and damaged markers.

A file that must not be changed is never written; the edit then says why. Nothing here depends on the shell,
and a file of another program (AWS's, direnv's) is edited in the same way.
"""

import difflib
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rolecall.system.disk import files
from rolecall.workstation.shells import block
from rolecall.workstation.steps import new_folders

NEW_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Edit:
    """The text of a file before (None: no such file) and after. With a `refusal`, nothing is written.

    `block` is the name of the block in it, and `mode` that of a new file.
    """

    path: Path
    before: str | None
    after: str
    note: str = ""
    refusal: str = ""
    block: str = ""
    mode: int = NEW_MODE

    @property
    def is_needed(self) -> bool:
        """Whether the file would change."""
        return self.before != self.after

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        old, new = ((text or "").splitlines(keepends=True) for text in (self.before, self.after))
        return "".join(difflib.unified_diff(old, new, str(self.path), str(self.path)))


def plan(
    path: Path,
    body: str | Callable[[str], str],
    *,
    name: str = "",
    at: Callable[[str], int | None] = lambda _: None,
    mode: int = NEW_MODE,
) -> Edit:
    """Return the edit that puts `body` into `path` between our markers, at `at`. Writes nothing.

    `body` may be a function of the file's text.
    """
    try:
        real, note = _real(path)
        before = real.read_bytes().decode(errors="surrogateescape") if real.exists() else None
    except _RefusedError as refused:
        return Edit(path, None, "", refusal=str(refused))
    except OSError as problem:
        return Edit(path, None, "", refusal=f"it cannot be read: {problem.strerror}")
    text = before or ""
    try:
        found = block.find(text, name)
        if found and found.is_edited:
            return Edit(real, before, text, "its rolecall block was edited by hand and is kept", block=name)
        wanted = body if isinstance(body, str) else body(text)
        after = block.put(text, wanted, name, is_new=before is None, at=at(text))
        return Edit(real, before, after, note, block=name, mode=mode)
    except block.CorruptedError as problem:
        return Edit(path, before, "", refusal=f"it has {problem}; delete the lines between its markers first")


def facts(edit: Edit) -> dict[str, str]:
    """Return the facts that undo needs; they are journaled before the edit is applied."""
    present = block.find(edit.before or "", edit.block)
    newline = present is None and bool(block.needed_newline(edit.before or ""))
    known = {
        "file": str(edit.path),
        "created": str(edit.before is None),
        "newline": str(newline),
        "folders": new_folders.missing(edit.path.parent),
    }
    return known | ({"block": edit.block} if edit.block else {})


def apply(edit: Edit) -> None:
    """Write the edit. Raises MachineError where that fails."""
    new_folders.make(edit.path.parent)
    mode = stat.S_IMODE(edit.path.stat().st_mode) if edit.before is not None else edit.mode
    files.write_file(edit.path, edit.after, mode=mode)


def undo(facts: Mapping[str, str]) -> str:
    """Remove our block to the byte; return one line that says so, or why the block was kept."""
    path, name = Path(facts["file"]), facts.get("block", "")
    try:
        text = path.read_bytes().decode(errors="surrogateescape")
        found = block.find(text, name)
    except FileNotFoundError:
        return f"{path} is gone already"
    except (OSError, block.CorruptedError) as problem:
        return f"kept the rolecall block in {path}: {problem}"
    if found is None:
        return f"{path} no longer has a rolecall block"
    if found.is_edited:
        return f"kept the rolecall block in {path}: it was edited since"
    has_newline = not name and facts.get("newline") == "True"
    rest = block.take(text, has_added_newline=has_newline, name=name)
    is_made = block.MADE in found.notes if name else facts.get("created") == "True"
    if not rest and is_made:
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
