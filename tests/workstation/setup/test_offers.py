"""What setup offers: each asked about once, with no as the default, and only where somebody can answer."""

import os
from pathlib import Path

import pytest

from rolecall.workstation.setup import offers
from rolecall.workstation.setup.screen import Screen
from rolecall.workstation.steps import once
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context

PROFILES = "Also write a profile for each role into"


class Person:
    """Answers every question alike, and remembers them."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def ask(self, question: str) -> str:
        """Answer."""
        self.asked.append(question)
        return self.answer

    def screen(self, *, can_ask: bool = True) -> Screen:
        """Return the screen that this person sits at."""
        return Screen(can_ask=lambda: can_ask, ask=self.ask)


@pytest.fixture(autouse=True)
def starship(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a starship on PATH, and no direnv that could be quiet."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("starship", "direnv"):
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def context(root: Path, **answers: object) -> Context:
    return Context(root, Answers(**answers), journal=Journal(root, os.environ).append)  # type: ignore[arg-type] # by the tests


def test_offers_when_accepted_then_the_run_wants_them(project: Path) -> None:
    """What this machine's direnv cannot do is not offered."""
    person = Person("y")
    made = offers.made(context(project), person.screen())
    assert PROFILES in person.asked[0]
    assert "Show the role's name" in person.asked[1]
    assert len(person.asked) == 2
    assert (made.answers.profiles, made.answers.prompt, made.answers.quiet_direnv) == ("yes", "yes", "")


def test_offers_when_enter_is_pressed_then_nothing_is_wanted_and_they_are_not_asked_again(
    project: Path,
) -> None:
    """No is the default."""
    person = Person("")
    made = offers.made(context(project), person.screen())
    assert (made.answers.profiles, made.answers.prompt) == ("", "")
    assert len(person.asked) == 2
    offers.made(context(project), person.screen())
    assert len(person.asked) == 2


@pytest.mark.parametrize(
    ("answers", "can_ask"), [({"sandbox": True}, True), ({"yes": True}, True), ({}, False)]
)
def test_offers_when_nobody_is_to_be_asked_then_none_is_made(
    project: Path, answers: dict[str, bool], can_ask: object
) -> None:
    """`--yes` is no yes to what nobody needs."""
    person = Person("y")
    made = offers.made(context(project, **answers), person.screen(can_ask=bool(can_ask)))
    assert person.asked == []
    assert made.answers == Answers(**answers)  # type: ignore[arg-type] # flags


def test_offers_when_a_flag_says_no_then_that_is_the_answer_from_then_on(project: Path) -> None:
    """Also where nobody can be asked."""
    person = Person("y")
    offers.made(context(project, profiles="no", prompt="no"), person.screen(can_ask=False))
    assert once.answered(context(project), "profiles") == once.NO
    offers.made(context(project), person.screen())
    assert person.asked == []


def test_offers_when_another_project_has_the_answer_then_what_is_shared_is_not_asked(
    project: Path, tmp_path: Path
) -> None:
    """The prompt is the person's, a profile is the project's."""
    offers.made(context(project), Person("").screen())
    (project / ".envrc").write_text("")
    other = tmp_path / "other"
    (other / "envrc.d").mkdir(parents=True)
    (other / "envrc.d/roles.toml").write_text((project / "envrc.d/roles.toml").read_text())
    person = Person("")
    offers.made(context(other), person.screen())
    assert len(person.asked) == 1
    assert PROFILES in person.asked[0]
