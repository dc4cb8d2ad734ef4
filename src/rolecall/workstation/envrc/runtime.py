"""The program that `.envrc` starts on a cold `cd`: its Python, its rolecall, and their packages.

The interpreter is the one that made `.venv`, not the link in it: a `.venv` can come with a pull. Isolated and
without its site module it needs nothing from `.venv` but packages that few roles need.
"""

import os
import re
import shlex
import sys
import sysconfig
from pathlib import Path

from rolecall.system import command
from rolecall.system.disk import files, paths
from rolecall.system.programs import git
from rolecall.system.python import site_packages
from rolecall.workstation.envrc import manifest
from rolecall.workstation.review import copy

PACKAGE = Path(__file__).resolve().parents[2]
FILE = ".envrc"
COMMAND = re.compile(r"(?m)^_rolecall_command=(.+)$")
INVOKE = re.compile(
    rf"{command.WRITTEN}(?:[\w-]+\.)*"
)  # `.envrc` may be another's: its words reach a terminal
OUR_TASKS = re.compile(r"(?m)^[^#\n]*\brolecall\.tasks\b|^[ \t]*from rolecall import tasks\b")


def constants(root: Path, *, package: Path = PACKAGE) -> dict[str, str]:
    """Return the values that the template of `.envrc` takes: the project's, and those of `installation`."""
    folder, key = os.path.realpath(root), paths.project_key(root)
    constants = _with_manifest(installation(root, package=package), package)
    return {"folder": folder, "key": key, "release": _release(package), **constants}


def copy_constants(root: Path | None) -> dict[str, str]:
    """Return the values that the template of a person's copy takes; of that of `root` alone, where given."""
    constants = _with_manifest(installation(root), PACKAGE)
    is_own = root is not None and copy.package(root) is not None
    review = constants["review"] if is_own else f"{command.OWN}setup"
    return {**constants, "release": _release(PACKAGE), "review": review}


def installation(root: Path | None = None, *, package: Path = PACKAGE) -> dict[str, str]:
    """Return what is the same for every project that this installation of rolecall serves.

    Where rolecall itself lies in the project at `root`, or in any repository, a pull can change it: then
    there is a private place for bytecode. `programs` is where the command `rolecall` is.
    `site` names the venv after a line break where a pull can change that, and `interpreter` where Python is.
    `review` is the command that shows what has changed; `invoke review` would first load the project's
    `tasks.py`, which a pull may have changed as well. Where the approved copy runs, all this is about the
    package that it is a copy of.
    """
    own = copy.package(root, running=package) if root else None
    is_pullable = own is not None or _is_pullable(package, root)
    programs = Path(sys.executable).parent
    bytecode = paths.cache_dir() / (paths.project_key(root) if root else "any") / "bytecode"
    shown = shown_command(root) if root else command.OWN
    return {
        "python": getattr(sys, "_base_executable", None) or sys.executable,
        "package": str(own or package),
        "site": _site(root),
        "interpreter": sys.base_prefix if _is_pullable(Path(sys.base_prefix), root) else "",
        "programs": "" if own or _is_pulled_with(programs, root) else str(programs),
        "bytecode": str(bytecode) if is_pullable else "",
        "command": shown,
        "setup": command.spoken(f"{command.BARE}setup", prefix=shown, is_checkout=own is not None),
        "review": paths.typed(copy.command(root)) if root and own else f"{command.OWN}review",
    }


def _with_manifest(constants: dict[str, str], package: Path) -> dict[str, str]:
    """Return `constants` with the digests of `package` where a pull can change it: that reads every file."""
    return {**constants, "manifest": manifest.of(package) if constants["bytecode"] else ""}


def _release(package: Path) -> str:
    """Return the folder that only this version of an installed package has; nothing for a checkout."""
    found = sorted(package.parent.glob("rolecall-*.dist-info"))
    return str(found[0]) if len(found) == 1 else ""


def _site(root: Path | None) -> str:
    """Return the folder of the packages; the approved copy, started without them, was told."""
    if told := os.environ.get(site_packages.VARIABLE):
        return told
    site = Path(sysconfig.get_path("purelib"))
    return f"{site}\n{sys.prefix}" if _is_pullable(site, root) else str(site)


def shown_command(root: Path) -> str:
    """Return what stands before a task's name in what a `cd` shows in the project at `root`.

    A person may have both `rolecall` and `invoke`: the one that `.envrc` has stays, for another would be a
    change to approve. By then `.venv/bin` is on PATH, so a program is named, not its path.
    """
    present = COMMAND.search(files.read_text(root / FILE) or "")
    kept = "".join(shlex.split(present[1])) if present else ""
    has_tasks = bool(OUR_TASKS.search(files.read_text(root / "tasks.py") or ""))
    if kept == command.OWN or (has_tasks and INVOKE.fullmatch(kept)):
        return kept
    collection = command.used().rpartition(" ")[2]
    return f"{command.WRITTEN}{collection}" if has_tasks and not command.is_own() else command.OWN


def _is_pullable(path: Path, root: Path | None) -> bool:
    return (root is not None and path.is_relative_to(root)) or any(git.tops(str(path)))


def _is_pulled_with(path: Path, root: Path | None) -> bool:
    """Return whether a pull in the project changes `path` too."""
    if root is None:
        return False
    return path.is_relative_to(root) or bool({*git.tops(str(path))} & {*git.tops(os.path.realpath(root))})
