"""The project's `.venv` as it is, and what is wrong with it. Nothing is changed here.

It uses the standard library alone, because it runs before anything is installed.
"""

import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rolecall.errors import MachineError
from rolecall.system.programs import processes

FOLDER = ".venv"
OTHER_FOLDER = "venv"  # what many call it in a project of their own
STAMP = ".rolecall.json"
OLDEST = (3, 11)
PROBE_SECONDS = 30


def programs(root: Path) -> Path | None:
    """Return the `bin` folder of the project's own environment; None where it has none.

    `envrc.d/80-venv.sh` looks in the same places.
    """
    if (root / FOLDER / "bin").is_dir():
        return root / FOLDER / "bin"
    other = root / OTHER_FOLDER
    return other / "bin" if (other / "pyvenv.cfg").is_file() and (other / "bin").is_dir() else None


@dataclass(frozen=True, slots=True)
class Venv:
    """The `.venv` of the project at `root`; `groups` are the dependency groups it should also hold."""

    root: Path
    groups: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder itself."""
        return self.root / FOLDER

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def stamp_file(self) -> Path:
        """The file that says what is installed; it is written last."""
        return self.folder / STAMP

    @property
    def stamp(self) -> dict[str, Any]:
        """The contents of the stamp: place, inputs, groups, and whether rolecall made this `.venv`."""
        try:
            found = json.loads(self.stamp_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def inputs(self) -> str:
        """The digest of everything that decides what is installed."""
        return hashlib.sha256((self.root / "pyproject.toml").read_bytes()).hexdigest()

    @property
    def is_foreign(self) -> bool:
        """Whether something is there that rolecall must not replace: a file, or a link."""
        return self.folder.is_symlink() or (self.folder.exists() and not self.folder.is_dir())

    @property
    def is_made_here(self) -> bool:
        """Whether rolecall made this `.venv`: only then may it be removed."""
        return not self.is_foreign and bool(self.stamp.get("made"))

    def trouble(self) -> str | None:
        """Return what is wrong in a few words, or None where nothing is."""
        if self.is_foreign:
            return f"{FOLDER} is not a folder"
        if not self.folder.exists():
            return f"no {FOLDER} yet"
        return self._place_trouble() or self._python_trouble() or self._content_trouble()

    def has_sound_python(self) -> bool:
        """Return whether its Python and pip run, here, and are of the version that `.venv` was made for."""
        if self._place_trouble() or (made := self._made_for()) is None or made != self._runs():
            return False
        return processes.run([self.python, "-m", "pip", "--version"]).is_ok

    def _place_trouble(self) -> str | None:
        """Say where it was made, if not here: its programs and its imports lead there."""
        place = self.stamp.get("place") or self._made_in()
        if not place or os.path.realpath(place) == os.path.realpath(self.root):
            return None
        return f"made in {place}, before this folder was renamed or copied"

    def _made_in(self) -> str:
        """Return the project that pyvenv.cfg says it was made in; nothing where it does not say (uv)."""
        found = re.search(rf"^command = .* -m venv [^/]*(/.*)/{re.escape(FOLDER)}$", self._config, re.MULTILINE)
        return found[1] if found else ""

    def _python_trouble(self) -> str | None:
        if not self.python.exists():
            return "its Python is gone" if self.python.is_symlink() else "half made"
        if (made := self._made_for()) != (runs := self._runs()):
            return f"made for Python {made or 'unknown'}, but runs {runs or 'none'}"
        return None

    def _content_trouble(self) -> str | None:
        stamp = self.stamp
        if not stamp.get("inputs"):
            return "installation not finished"
        if stamp["inputs"] != self.inputs:
            return "pyproject.toml has changed"
        missing = [group for group in self.groups if group not in stamp.get("groups", [])]
        return f"without the {', '.join(missing)} dependencies" if missing else None

    def _made_for(self) -> str | None:
        """Return the version in pyvenv.cfg ("3.11"): the packages are in a folder of that name."""
        found = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+)", self._config, re.MULTILINE)
        return found[1] if found else None

    @property
    def _config(self) -> str:
        try:
            return (self.folder / "pyvenv.cfg").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    def _runs(self) -> str | None:
        """Return the version that its interpreter prints; None where it does not start or is too old."""
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        try:
            done = processes.run([self.python, "-I", "-S", "-c", code], timeout_seconds=PROBE_SECONDS)
        except MachineError:
            return None
        found = done.out.strip()
        return found if done.is_ok and tuple(map(int, found.split("."))) >= OLDEST else None
