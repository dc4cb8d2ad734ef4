"""Make the project's `.venv`, or repair it.

It uses the standard library alone, because it runs before anything is installed.
"""

import json
import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rolecall.errors import MachineError
from rolecall.system.programs import processes
from rolecall.workstation.venv import progress
from rolecall.workstation.venv.state import FOLDER, Venv

EXTRAS = ("sandbox",)


def repair(venv: Venv, *, say: Callable[[str], None], install_support: Callable[[], None]) -> None:
    """Make `venv` anew where its Python is not right; then install into it.

    `install_support` is called where neither this Python (Debian's, without python3-venv) nor a uv can make it.
    Raises MachineError with the end of the failing program's output.
    """
    if venv.is_foreign:
        message = f"{venv.folder} is not a folder; move it away"
        raise MachineError("venv-foreign", message, hint=f"mv {FOLDER} {FOLDER}.old")
    groups = tuple(sorted({*venv.stamp.get("groups", []), *venv.groups}))
    is_ours = not venv.folder.exists() or not any(venv.folder.iterdir()) or venv.is_made_here
    unfinished = {"place": str(venv.root), "inputs": "", "groups": [], "made": is_ours}
    if not venv.has_sound_python():
        _make(venv, unfinished, say, install_support)
    _write_stamp(venv, unfinished)
    _install(venv, groups, say)
    _write_stamp(venv, {**unfinished, "inputs": venv.inputs, "groups": groups})


def requirements(root: Path, groups: tuple[str, ...]) -> list[str]:
    """Return the requirements of dependency `groups` (pip knows groups only from 25.1)."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    declared = project.get("dependency-groups", {})
    return [line for group in groups for line in declared.get(group, []) if isinstance(line, str)]


def has_ensurepip() -> bool:
    """Return whether this Python can make a venv with pip: Debian has that in the package python3-venv."""
    return processes.run([sys.executable, "-c", "import ensurepip, venv"]).is_ok


def _make(
    venv: Venv,
    unfinished: dict[str, Any],
    say: Callable[[str], None],
    install_support: Callable[[], None],
) -> None:
    """Make it anew. The stamp comes first, so that after a kill teardown still knows that it is ours."""
    uv = "" if has_ensurepip() else shutil.which("uv")
    if uv is None:
        install_support()
    shutil.rmtree(venv.folder, ignore_errors=True)
    venv.folder.mkdir(exist_ok=True)
    _write_stamp(venv, unfinished)
    say(f"making {FOLDER} with Python {'.'.join(map(str, sys.version_info[:3]))}")
    base = getattr(sys, "_base_executable", "") or sys.executable
    for argv in _made_by_uv(uv, base, venv) if uv else [[base, "-m", "venv", str(venv.folder)]]:
        progress.run(argv, f"making {FOLDER}", hint=f"rm -r {FOLDER} && python3 tasks.py setup")


def _made_by_uv(uv: str, base: str, venv: Venv) -> list[list[str]]:
    """Return the commands that make `venv`, with pip in it, where `base` has no pip to put there."""
    return [
        [uv, "venv", "--allow-existing", "--python", base, str(venv.folder)],
        [uv, "pip", "install", "--python", str(venv.python), "pip"],
    ]


def _install(venv: Venv, groups: tuple[str, ...], say: Callable[[str], None]) -> None:
    say("installing rolecall and its packages (a minute)")
    wanted = ["--editable", f"{venv.root}[{','.join(EXTRAS)}]", *requirements(venv.root, groups)]
    cache = [] if (Path.home() / ".cache" / "pip").exists() else ["--no-cache-dir"]
    argv = [str(venv.python), "-m", "pip", "install", "--no-input", "--progress-bar=off", *cache, *wanted]
    progress.run(argv, "installing", hint="python3 tasks.py setup")


def _write_stamp(venv: Venv, facts: dict[str, Any]) -> None:
    venv.stamp_file.write_text(json.dumps(facts) + "\n", encoding="utf-8")
