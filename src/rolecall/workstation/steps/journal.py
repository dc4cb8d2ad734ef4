"""What setup did to this machine, so that teardown can take back that and nothing else.

Owns: the journal (append-only JSON lines, 0600, one for each project) and the state folder it lies in.
Must not: hold a secret, or know what a record's facts mean (the step that wrote it does).
Called by: engine, teardown, and steps that keep a base or a backup beside it.
"""

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system import files, paths
from rolecall.workstation.steps import step as steps
from rolecall.workstation.steps.step import Record

NAME = "journal"
FOLDERS_STEP = "folders"
# Folders that setup, direnv or a shell may have to create; teardown removes those that were not there
# before and are empty again.
SHARED = (
    ".local",
    ".local/bin",
    ".local/share",
    ".local/share/bash-completion",
    ".local/share/bash-completion/completions",
    ".local/share/direnv",
    ".local/share/direnv/allow",
    ".local/share/direnv/deny",
    ".local/share/fish",
    ".local/share/rolecall",
    ".local/share/zsh",
    ".local/share/zsh/site-functions",
    ".local/state",
    ".local/state/rolecall",
    ".cache",
    ".cache/rolecall",
    ".config",
    ".config/direnv",
    ".config/fish",
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
        return folder(self.root, environ=self.environ)

    @property
    def path(self) -> Path:
        """The journal's file."""
        return self.folder / NAME

    def append(self, record: Record) -> None:
        """Write one record and see it on disk before returning."""
        absent = None if self.path.exists() else _absent(self.environ)
        files.private_dir(self.folder)
        if absent is not None:
            self._write(steps.record(FOLDERS_STEP, absent=json.dumps(absent)))
        self._write(record)

    def read(self) -> list[Record]:
        """Return all records, oldest first. A line cut short by a crash is left out."""
        text = files.read_text(self.path) or ""
        return list(parse(text))

    def last(self, step: str) -> Record | None:
        """Return the latest record of `step`."""
        return next((record for record in reversed(self.read()) if record.step == step), None)

    def forget(self, *, on_removed: Callable[[], None] = lambda: None) -> None:
        """Remove the journal, its folder and every shared folder that was not there before and is empty.

        `on_removed` is called between the two.
        """
        absent = [
            folder
            for record in self.read()
            if record.step == FOLDERS_STEP
            for folder in json.loads(record.facts["absent"])
        ]
        with contextlib.suppress(FileNotFoundError):
            for path in self.folder.iterdir():
                path.unlink()
            self.folder.rmdir()
        on_removed()
        for path in sorted({self.folder.parent, *map(Path, absent)}, reverse=True):
            if str(path) in absent:
                with contextlib.suppress(OSError):
                    path.rmdir()

    def _write(self, record: Record) -> None:
        line = json.dumps(asdict(record), ensure_ascii=False) + "\n"
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(self.path, flags, files.PRIVATE_FILE)
            try:
                os.write(descriptor, self._mended() + line.encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as problem:
            raise MachineError(
                "journal-unwritable",
                f"cannot write {self.path}: {problem.strerror}",
                hint=f"df -h {self.folder}",
            ) from problem

    def _mended(self) -> bytes:
        """Return the line end that a crash may have left out."""
        content = self.path.read_bytes()
        return b"\n" if content and not content.endswith(b"\n") else b""


def folder(root: Path, *, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for what rolecall remembers of the project at `root`; it may not exist."""
    return paths.state_dir(environ=environ) / paths.project_key(root)


def _absent(environ: Mapping[str, str]) -> list[str]:
    home = paths.home(environ=environ)
    state, cache = paths.state_dir(environ=environ), paths.cache_dir(environ=environ)
    folders = {*(home / name for name in SHARED), state, state.parent, cache, cache.parent}
    return sorted(str(path) for path in folders if not path.exists())


def parse(text: str) -> Iterator[Record]:
    """Yield the records in a journal's text; a line cut short by a crash is left out."""
    for line in text.splitlines():
        with contextlib.suppress(ValueError, TypeError, KeyError):
            found = json.loads(line)
            yield Record(found["step"], found["at"], dict(found["facts"]))
