"""Make `.venv` with a bare Python, then become its `invoke X`: this is how `python3 tasks.py X` starts.

Imports the standard library alone at module level, and rolecall modules that do the same.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rolecall.errors import EXIT_INTERRUPTED, RolecallError
from rolecall.system import command
from rolecall.system.disk import paths
from rolecall.system.person import person
from rolecall.workstation.review import copy
from rolecall.workstation.venv import ensure
from rolecall.workstation.venv.state import Venv

GROUPS = {"test": ("test",), "lint": ("test",), "bench": ("test",), "picture": ("test",)}


def main(root: Path, words: Sequence[str]) -> int:
    """Make `.venv` right and become invoke with the same words. Return only where that failed.

    A review comes first: to install what a pull changed would be to run it.
    """
    command.use(f"python3 {paths.typed(sys.argv[0])} ")
    try:
        if "review" in words[:1]:
            copy.become(root)
        groups = next((GROUPS[word] for word in words if word in GROUPS), ())
        wanted = Venv(root, groups)
        if "setup" in words and "--plan" in words and wanted.trouble():
            return _plan(root, words)
        prepare(wanted)
        become_invoke(wanted, words)
    except RolecallError as problem:
        person.say(problem.message)
        person.advise(problem.hint)
        return problem.exit_code
    except KeyboardInterrupt:
        person.say("interrupted; run the same command again, it goes on from here")
        return EXIT_INTERRUPTED
    return 0


def prepare(wanted: Venv) -> bool:
    """Make `.venv` right, one process at a time for each checkout; return whether anything had to be done."""
    if wanted.trouble() is None:
        return False
    with ensure.locked(wanted.root):
        return ensure.put_right(wanted)


def become_invoke(made: Venv, words: Sequence[str]) -> None:
    """Replace this process by `.venv`'s invoke: `python3 tasks.py X` and `invoke X` are the same thing."""
    if not Path.cwd().resolve().is_relative_to(made.root):
        os.chdir(made.root)
    argv = [str(made.python), "-m", "invoke", *(words or ("--list",))]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(argv[0], argv, {**os.environ, command.VARIABLE: command.used()})  # noqa: S606 - no shell is the point


def _plan(root: Path, words: Sequence[str]) -> int:
    """Show the plan without `.venv`; steps that need a dependency to know their state say so."""
    from rolecall.workstation.setup import plan
    from rolecall.workstation.steps.step import Answers

    return plan.show(root, Answers(sandbox="--sandbox" in words, yes=True), is_json="--json" in words)
