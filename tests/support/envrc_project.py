"""Runs of the step `envrc` in a project with a fragment of its own."""

import os
from pathlib import Path

from rolecall.workstation.envrc import step
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context, State


def context(root: Path, *, yes: bool = True, on_edit: str = "", envrc: str = "", **more: object) -> Context:
    if (confirm := more.get("confirm")) and "approve" not in more:
        more["approve"] = lambda question, _text: confirm(question)  # type: ignore[operator] # as above
    answers = Answers(yes=yes, on_edit=on_edit, envrc=envrc)
    return Context(root, answers, journal=Journal(root, os.environ).append, **more)  # type: ignore[arg-type] # said by the tests


def apply(root: Path, *, on_edit: str = "", envrc: str = "") -> str:
    step.apply(context(root, on_edit=on_edit, envrc=envrc))
    assert step.check(context(root, on_edit=on_edit, envrc=envrc)).state is State.DONE
    return (root / ".envrc").read_text()


def change_fragment(root: Path, text: str) -> None:
    (root / "envrc.d/60-own.sh").write_text(text)
