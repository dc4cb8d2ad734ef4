"""The step `venv`: rolecall and its dependencies are installed in the project's `.venv`.

In a project that only uses rolecall, its `.venv` is left alone.
"""

import shutil
import sys

from rolecall.workstation.steps.step import Context, Finding, Record, State, Step
from rolecall.workstation.venv import ensure
from rolecall.workstation.venv.state import Venv

NAME = "venv"


def step() -> Step:
    """Return the step of the table."""
    reason = "rolecall and its dependencies, in .venv"
    return Step(name=NAME, reason=reason, hint="python3 tasks.py setup", check=check, apply=apply, undo=undo)


def check(context: Context) -> Finding:
    """Return what is wrong with `.venv`; in a project that only uses rolecall, where it is installed."""
    if not _is_checkout(context):
        return Finding(State.DONE, f"rolecall runs from {sys.prefix}")
    problem = Venv(context.root).trouble()
    if problem:
        return Finding(State.CHANGE, f".venv: {problem}")
    return Finding(State.DONE, "rolecall and its dependencies are in .venv")


def apply(context: Context) -> None:
    """Make or repair it. The caller holds the lock on this folder. Its own stamp says that setup made it."""
    ensure.put_right(Venv(context.root))


def undo(context: Context, _record: Record) -> str:
    """Remove a `.venv` that setup made."""
    venv = Venv(context.root)
    if not venv.folder.is_dir() or not venv.is_made_here:
        return ""
    shutil.rmtree(venv.folder)
    return "removed .venv"


def _is_checkout(context: Context) -> bool:
    return (context.root / "src/rolecall/workstation/setup/bootstrap.py").is_file()
