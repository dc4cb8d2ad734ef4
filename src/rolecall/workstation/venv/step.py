"""The step `venv`: rolecall and its dependencies, installed in the project's `.venv`.

Owns: the step; venv does the work.
Must not: touch the `.venv` of a project that merely uses rolecall.
Called by: the table.
"""

import shutil
import sys

from rolecall.workstation.steps.step import Context, Finding, Record, State, Step
from rolecall.workstation.venv import ensure
from rolecall.workstation.venv import make as venv
from rolecall.workstation.venv.make import Venv

NAME = "venv"


def step() -> Step:
    """Return the step of the table."""
    return Step(
        name=NAME,
        reason="rolecall and what it needs, in .venv",
        hint="python3 tasks.py setup",
        check=check,
        apply=apply,
        undo=undo,
    )


def check(context: Context) -> Finding:
    """Say whether `.venv` is right; in a project that merely uses rolecall, where it runs from."""
    if not _is_checkout(context):
        return Finding(State.DONE, f"rolecall runs from {sys.prefix}")
    problem = venv.trouble(Venv(context.root))
    if problem:
        return Finding(State.CHANGE, f".venv: {problem}")
    return Finding(State.DONE, ".venv is right")


def apply(context: Context) -> None:
    """Make it right; setup holds the checkout. That we made it stands in its stamp, which goes with it."""
    ensure.put_right(Venv(context.root))


def undo(context: Context, _record: Record) -> str:
    """Remove a `.venv` that was made here."""
    made = Venv(context.root)
    if not made.folder.is_dir() or not venv.is_made_here(made):
        return ""
    shutil.rmtree(made.folder)
    return "removed .venv"


def _is_checkout(context: Context) -> bool:
    return (context.root / "src/rolecall/workstation/setup/bootstrap.py").is_file()
