"""The project's `.venv`: made, mended, and left alone when it is right.

Owns: what a right `.venv` is (its stamp), and bringing it about with nothing but the standard library.
Must not: import anything outside the standard library: it runs before anything is installed.
Called by: bootstrap (`python3 tasks.py …`), and the step `venv` of the table.
"""

import hashlib
import json
import shutil
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rolecall.errors import MachineError
from rolecall.system import processes
from rolecall.workstation.venv import progress

FOLDER = ".venv"
STAMP = ".rolecall.json"
EXTRAS = ("sandbox",)
PROBE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Venv:
    """A checkout's `.venv`; `groups` are the dependency groups it should also hold."""

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
    def stamp(self) -> Path:
        """The file written last: what is installed."""
        return self.folder / STAMP


def trouble(venv: Venv) -> str | None:
    """Return what is wrong with `venv` in a few words, or None where nothing is. Changes nothing."""
    if is_foreign(venv):
        return f"{FOLDER} is not a folder"
    if not venv.folder.exists():
        return f"no {FOLDER} yet"
    return _python_trouble(venv) or _content_trouble(venv)


def _python_trouble(venv: Venv) -> str | None:
    if not venv.python.exists():
        return "its Python is gone" if venv.python.is_symlink() else "half made"
    if (made := _made_for(venv)) != (runs := _runs(venv)):
        return f"made for Python {made or 'unknown'}, but runs {runs or 'none'}"
    return None


def _content_trouble(venv: Venv) -> str | None:
    stamp = _stamp(venv)
    if not stamp.get("inputs"):
        return "installation not finished"
    if stamp.get("inputs") != inputs(venv.root):
        return "pyproject.toml has changed"
    missing = [group for group in venv.groups if group not in stamp.get("groups", [])]
    return f"without the {', '.join(missing)} dependencies" if missing else None


def mend(venv: Venv, *, say: Callable[[str], None], make_possible: Callable[[], None]) -> None:
    """Make `venv` right: remake it where its Python is not, install into it where that is enough.

    `make_possible` is called once where this Python cannot make one (Debian without python3-venv).
    Raises MachineError with the end of the failing program's output.
    """
    if is_foreign(venv):
        raise MachineError(
            "venv-foreign", f"{venv.folder} is not a folder", hint=f"move it away: mv {FOLDER} {FOLDER}.old"
        )
    groups = tuple(sorted({*_stamp(venv).get("groups", []), *venv.groups}))
    unfinished = {"inputs": "", "groups": [], "made": _is_ours(venv)}
    if not _is_sound(venv):
        _make(venv, unfinished, say, make_possible)
    _write_stamp(venv, unfinished)
    _install(venv, groups, say)
    _write_stamp(venv, {**unfinished, "inputs": inputs(venv.root), "groups": groups})


def inputs(root: Path) -> str:
    """Return one word for everything that decides what is installed."""
    return hashlib.sha256((root / "pyproject.toml").read_bytes()).hexdigest()


def is_foreign(venv: Venv) -> bool:
    """Whether something stands there that rolecall must not replace: a file, or a link elsewhere."""
    return venv.folder.is_symlink() or (venv.folder.exists() and not venv.folder.is_dir())


def is_made_here(venv: Venv) -> bool:
    """Whether rolecall made this `.venv` (a person's own is never removed)."""
    return not is_foreign(venv) and bool(_stamp(venv).get("made"))


def _is_ours(venv: Venv) -> bool:
    return not venv.folder.exists() or not any(venv.folder.iterdir()) or is_made_here(venv)


def _make(
    venv: Venv,
    unfinished: dict[str, Any],
    say: Callable[[str], None],
    make_possible: Callable[[], None],
) -> None:
    """Make it anew; that it is ours is written first, so that a kill does not make it somebody's own."""
    if not has_ensurepip():
        make_possible()
    shutil.rmtree(venv.folder, ignore_errors=True)
    venv.folder.mkdir(exist_ok=True)
    _write_stamp(venv, unfinished)
    say(f"making {FOLDER} with Python {_version(sys.version_info)}")
    base = getattr(sys, "_base_executable", "") or sys.executable
    argv = [base, "-m", "venv", str(venv.folder)]
    progress.run(argv, f"making {FOLDER}", hint=f"rm -r {FOLDER}, then again: python3 tasks.py setup")


def _install(venv: Venv, groups: tuple[str, ...], say: Callable[[str], None]) -> None:
    say("installing rolecall and what it needs (the first time, a minute)")
    wanted = ["--editable", f"{venv.root}[{','.join(EXTRAS)}]", *requirements(venv.root, groups)]
    cache = [] if (Path.home() / ".cache" / "pip").exists() else ["--no-cache-dir"]
    argv = [str(venv.python), "-m", "pip", "install", "--no-input", "--progress-bar=off", *cache, *wanted]
    progress.run(
        argv, "installing", hint="check the network and pip's settings, then: python3 tasks.py setup"
    )


def requirements(root: Path, groups: tuple[str, ...]) -> list[str]:
    """Return the requirements of dependency `groups` (pip knows groups only from 25.1)."""
    declared = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get(
        "dependency-groups", {}
    )
    return [line for group in groups for line in declared.get(group, []) if isinstance(line, str)]


def has_ensurepip() -> bool:
    """Whether this Python can make a venv with pip in it: Debian splits that off as python3-venv."""
    code = "import ensurepip, venv"
    return processes.run([sys.executable, "-c", code]).is_ok


def _is_sound(venv: Venv) -> bool:
    if _made_for(venv) != _runs(venv) or _made_for(venv) is None:
        return False
    probe = [str(venv.python), "-m", "pip", "--version"]
    return processes.run(probe).is_ok


def _made_for(venv: Venv) -> str | None:
    """Return the version in pyvenv.cfg ("3.11"): where the site-packages lie."""
    try:
        lines = (venv.folder / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    for line in lines:
        name, _, value = line.partition("=")
        if name.strip() in ("version", "version_info"):
            return ".".join(value.strip().split(".")[:2])
    return None


def _runs(venv: Venv) -> str | None:
    """Return the version that its interpreter says; None where it does not run or is too old."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = processes.run([venv.python, "-I", "-S", "-c", code], timeout_seconds=PROBE_SECONDS)
    except MachineError:
        return None
    found = done.out.strip()
    return found if done.is_ok and tuple(map(int, found.split("."))) >= (3, 11) else None


def _write_stamp(venv: Venv, facts: dict[str, Any]) -> None:
    venv.stamp.write_text(json.dumps(facts) + "\n", encoding="utf-8")


def _stamp(venv: Venv) -> dict[str, Any]:
    try:
        found = json.loads(venv.stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _version(info: tuple[Any, ...]) -> str:
    return ".".join(map(str, info[:3]))
