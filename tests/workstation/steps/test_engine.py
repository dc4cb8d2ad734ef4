"""The engine stops at the first failure, continues from there, and undoes what was done."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.errors import MachineError, RolecallError
from rolecall.workstation.setup import plan as setup_plan
from rolecall.workstation.steps import engine
from rolecall.workstation.steps import step as steps
from rolecall.workstation.steps.engine import Kind, StoppedError
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step


def toy(name: str, done: set[str], *, fails: bool = False, optional: bool = False) -> Step:
    """Return a step that is done once its name is in `done`."""

    def check(_: Context) -> Finding:
        return Finding(State.DONE if name in done else State.CHANGE, name)

    def apply(context: Context) -> None:
        if fails:
            raise MachineError("toy-broken", f"{name} broke", hint="mend it")
        done.add(name)
        context.journal(steps.record(name, what=name))

    def undo(_: Context, record: Record) -> str:
        done.discard(record.facts["what"])
        return f"took back {name}"

    return Step(name, "a toy", "play", check, apply, undo, optional=optional)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """Make the journal of a folder."""
    return Journal(tmp_path, os.environ)


def test_apply_when_some_steps_are_done_then_applies_the_others(tmp_path: Path, journal: Journal) -> None:
    """A step that is done is left alone; what was applied is journaled."""
    done = {"one"}
    outcomes = engine.apply([toy("one", done), toy("two", done)], Context(tmp_path), journal)
    assert [outcome.kind for outcome in outcomes] == [Kind.ALREADY, Kind.APPLIED]
    assert [record.step for record in journal.read() if record.step != "folders"] == ["two"]


def test_apply_when_a_step_fails_then_stops_and_a_second_run_continues(
    tmp_path: Path, journal: Journal
) -> None:
    """The error says what is done and what is not; nothing is done twice."""
    done: set[str] = set()
    with pytest.raises(StoppedError) as caught:
        engine.apply(
            [toy("one", done), toy("two", done, fails=True), toy("three", done)], Context(tmp_path), journal
        )
    assert [outcome.step.name for outcome in caught.value.done] == ["one"]
    assert [step.name for step in caught.value.left] == ["three"]
    assert caught.value.hint == "mend it"
    outcomes = engine.apply([toy(name, done) for name in ("one", "two", "three")], Context(tmp_path), journal)
    assert [outcome.kind for outcome in outcomes] == [Kind.ALREADY, Kind.APPLIED, Kind.APPLIED]


def test_apply_when_an_optional_step_fails_then_continues(tmp_path: Path, journal: Journal) -> None:
    """A tool that is only nice to have does not hold up the rest; it is told."""
    done: set[str] = set()
    outcomes = engine.apply(
        [toy("nice", done, fails=True, optional=True), toy("two", done)], Context(tmp_path), journal
    )
    assert [(outcome.kind, outcome.hint) for outcome in outcomes] == [
        (Kind.SKIPPED, "mend it"),
        (Kind.APPLIED, ""),
    ]


def test_apply_when_a_step_changes_nothing_then_fails(tmp_path: Path, journal: Journal) -> None:
    """Success is what the check says afterwards, not what apply believes."""
    step = Step(
        "idle",
        "a toy",
        "play",
        lambda _: Finding(State.CHANGE, "still missing"),
        lambda _: None,
        lambda _context, _record: "",
    )
    with pytest.raises(StoppedError, match="still missing"):
        engine.apply([step], Context(tmp_path), journal)


def test_undo_when_a_step_fails_then_undoes_the_others_and_reports_it(
    tmp_path: Path, journal: Journal
) -> None:
    """One that cannot be undone does not hold up the others, and is named at the end."""
    done: set[str] = set()
    engine.apply([toy("one", done), toy("two", done)], Context(tmp_path), journal)

    def broken(_context: Context, _record: Record) -> str:
        raise MachineError("toy-stuck", "stuck")

    two = Step("two", "a toy", "play", lambda _: Finding(State.DONE, ""), lambda _: None, broken)
    told: list[str] = []
    with pytest.raises(MachineError, match="two"):
        engine.undo(
            [two, toy("one", done)],
            journal.read(),
            Context(tmp_path),
            on_end=lambda name, _: told.append(name),
        )
    assert told == ["two", "one"]
    assert done == {"two"}


@pytest.mark.parametrize(
    ("raises", "told"),
    [
        (lambda: ModuleNotFoundError("no jinja2", name="jinja2"), "jinja2"),
        (lambda: MachineError("x", "cannot read it"), "cannot read it"),
    ],
    ids=["module", "error"],
)
def test_find_when_a_check_cannot_know_then_is_unknown(
    tmp_path: Path, raises: Callable[[], RolecallError], told: str
) -> None:
    """A plan never ends in a traceback: what it cannot know it says."""

    def check(_: Context) -> Finding:
        raise raises()

    step = Step("odd", "a toy", "play", check, lambda _: None, lambda _context, _record: "")
    finding = engine.find(step, Context(tmp_path))
    assert finding.state is State.UNKNOWN
    assert told in finding.detail


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([State.DONE, State.DONE], 0),
        ([State.DONE, State.UNKNOWN], 1),
        ([State.UNKNOWN, State.CHANGE], 2),
        ([], 0),
    ],
)
def test_exit_code_when_steps_differ_then_tells_change_from_unknown(states: list[State], code: int) -> None:
    """0 nothing to do, 2 changes, 1 cannot know."""
    step = toy("x", set())
    assert setup_plan.exit_code([(step, Finding(state, "")) for state in states]) == code
