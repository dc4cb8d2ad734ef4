"""Applying steps while a person looks on: what they know, and how the run ends."""

import os
from pathlib import Path

from rolecall.workstation.envfile import account
from rolecall.workstation.setup.screen import Screen
from rolecall.workstation.steps import engine
from rolecall.workstation.steps.engine import Outcome, StoppedError
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context, Step
from rolecall.workstation.venv import ensure


def applied(steps: tuple[Step, ...], context: Context, screen: Screen) -> list[Outcome]:
    """Apply `steps`, one run at a time for each folder, and return how each ended. Raises StoppedError."""
    journal = Journal(context.root, context.environ)
    try:
        with ensure.locked(context.root):
            return engine.apply(steps, context, journal, on_begin=screen.begin, on_end=screen.end)
    except StoppedError as problem:
        screen.stopped(problem.done, [problem.step, *problem.left])
        raise
    except KeyboardInterrupt:
        screen.close()
        screen.say(f"interrupted in step {screen.step}; the same command goes on from here")
        raise
    finally:
        screen.close()


def context(root: Path, answers: Answers, screen: Screen) -> Context:
    """Return what the steps of a run at `root` know, with `screen` for whoever sees it."""
    return Context(
        root,
        answers,
        say=screen.say,
        confirm=screen.confirm,
        approve=screen.approve,
        show=screen.show,
        paused=screen.paused,
        journal=Journal(root, os.environ).append,
    )


def as_it_is(root: Path, on_edit: str = "", envrc: str = "", *, is_yes: bool) -> Answers:
    """Return the answers of a run that keeps the sandbox or the account, whichever `.env` is on."""
    return Answers(sandbox=account.is_sandboxed(root), yes=is_yes, on_edit=on_edit, envrc=envrc)
