"""The journal: a list of everything setup did to this machine, so that teardown can undo exactly that.

It is a file of JSON lines (0600, one for each project, append-only) in the project's state folder. It
never holds a secret. Only the step that wrote a record knows what its facts mean.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system.disk import files, paths
from rolecall.workstation.steps.step import Context, Record, record

NAME = "journal"
FOLDERS_STEP = "folders"
# Folders that setup, direnv or a shell may have to create below the home folder; teardown removes those
# that were not there before and are empty again, their parents too.
SHARED = (
    ".aws",
    ".local/bin",
    ".local/share/bash-completion/completions",
    ".local/share/direnv/allow",
    ".local/share/direnv/deny",
    ".local/share/fish",
    ".local/share/rolecall",
    ".local/share/zsh/site-functions",
    ".local/state/rolecall",
    ".cache/rolecall",
    ".config/direnv",
    ".config/fish/completions",
    ".config/fish/conf.d",
)


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal of the project at `root`."""

    root: Path
    environ: Mapping[str, str]

    @property
    def folder(self) -> Path:
        """The project's state folder; it may not exist."""
        return paths.state_dir(environ=self.environ) / paths.project_key(self.root)

    @property
    def path(self) -> Path:
        """The journal's file."""
        return self.folder / NAME

    def append(self, done: Record) -> None:
        """Write one record, and return once it is on disk."""
        absent = None if self.read() else _absent(self.environ)  # a kill may have left an empty one
        files.private_dir(self.folder)
        if absent is not None:
            self._write(record(FOLDERS_STEP, absent=json.dumps(absent)))
        self._write(done)

    def read(self) -> list[Record]:
        """Return all records, oldest first. A line cut short by a crash is left out."""
        return list(parse(files.read_text(self.path) or ""))

    def last(self, step: str) -> Record | None:
        """Return the latest record of `step`."""
        return next((found for found in reversed(self.read()) if found.step == step), None)

    def forget(self, *, on_removed: Callable[[], None] = lambda: None) -> None:
        """Remove the journal, its folder and every shared folder that was not there before and is empty.

        `on_removed` is called between the two.
        """
        own = [found for found in self.read() if found.step == FOLDERS_STEP]
        absent = [folder for found in own for folder in json.loads(found.facts["absent"])]
        with contextlib.suppress(FileNotFoundError):
            for path in self.folder.iterdir():
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
            self.folder.rmdir()
        on_removed()
        state = paths.state_dir(environ=self.environ)
        parts = [folder for folder in self.folder.parents if folder.is_relative_to(state)]
        for path in (folder for folder in parts if folder != state):
            with contextlib.suppress(OSError):
                path.rmdir()
        for path in sorted({state, *map(Path, absent)}, reverse=True):
            if str(path) in absent:
                with contextlib.suppress(OSError):
                    path.rmdir()

    def _write(self, done: Record) -> None:
        line = json.dumps(asdict(done), ensure_ascii=False) + "\n"
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(self.path, flags, files.PRIVATE_FILE)
            try:
                os.write(descriptor, self._missing_line_end() + line.encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as problem:
            message = f"cannot write {self.path}: {problem.strerror}"
            raise MachineError(
                "journal-unwritable", message, hint=f"df -h {paths.typed(self.folder)}"
            ) from problem

    def _missing_line_end(self) -> bytes:
        """Return the line end that a crash may have left out."""
        content = self.path.read_bytes()
        return b"\n" if content and not content.endswith(b"\n") else b""


def of(context: Context) -> Journal:
    """Return the journal of the project that `context` is about."""
    return Journal(context.root, context.environ)


def parse(text: str) -> Iterator[Record]:
    """Yield the records in a journal's text; a line cut short by a crash is left out."""
    for line in text.split("\n"):  # JSON escapes no other line break, and a path may hold one
        with contextlib.suppress(ValueError, TypeError, KeyError):
            found = json.loads(line)
            yield Record(found["step"], found["at"], dict(found["facts"]))


def _absent(environ: Mapping[str, str]) -> list[str]:
    """Return the folders of SHARED, and the state and cache folders, that do not exist yet."""
    home = paths.home(environ=environ)
    own = (paths.state_dir(environ=environ), paths.cache_dir(environ=environ))
    needed = (*(home / name for name in SHARED), *own)
    folders = {folder for path in needed for folder in (path, *path.parents)}
    return sorted(str(folder) for folder in folders if not folder.exists())
