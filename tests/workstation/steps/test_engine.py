"""The engine and its journal: stop at the first failure, go on from there, take back what was done."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.errors import MachineError, RolecallError
from rolecall.system import paths
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


def test_apply_does_what_is_missing_and_nothing_else(tmp_path: Path, journal: Journal) -> None:
    """A step that is done is left alone; what was applied is journaled."""
    done = {"one"}
    outcomes = engine.apply([toy("one", done), toy("two", done)], Context(tmp_path), journal)
    assert [outcome.kind for outcome in outcomes] == [Kind.ALREADY, Kind.APPLIED]
    assert [record.step for record in journal.read() if record.step != "folders"] == ["two"]


def test_apply_stops_at_a_failure_and_a_second_run_goes_on(tmp_path: Path, journal: Journal) -> None:
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


def test_apply_goes_on_after_an_optional_step_failed(tmp_path: Path, journal: Journal) -> None:
    """A tool that is only nice to have does not hold up the rest; it is told."""
    done: set[str] = set()
    outcomes = engine.apply(
        [toy("nice", done, fails=True, optional=True), toy("two", done)], Context(tmp_path), journal
    )
    assert [(outcome.kind, outcome.hint) for outcome in outcomes] == [
        (Kind.SKIPPED, "mend it"),
        (Kind.APPLIED, ""),
    ]


def test_apply_that_changed_nothing_is_a_failure(tmp_path: Path, journal: Journal) -> None:
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


def test_undo_takes_back_in_the_order_of_the_steps_and_tells_failures(
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
def test_find_of_what_cannot_be_told_is_unknown(
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
def test_plan_exit_code_tells_change_from_unknown(states: list[State], code: int) -> None:
    """0 nothing to do, 2 changes, 1 cannot know."""
    step = toy("x", set())
    assert setup_plan.exit_code([(step, Finding(state, "")) for state in states]) == code


def test_journal_is_private_and_reads_back(tmp_path: Path, journal: Journal) -> None:
    """0600 in a 0700 folder; non-ASCII and line breaks survive."""
    record = steps.record("one", path="/tmp/ümlaut\nnew line")
    journal.append(record)
    assert journal.last("one") == record
    assert journal.path.stat().st_mode & 0o777 == 0o600
    assert journal.folder.stat().st_mode & 0o777 == 0o700


def test_journal_with_a_line_cut_short_keeps_the_others(journal: Journal) -> None:
    """A crash in the middle of a line costs that line alone."""
    journal.append(steps.record("one"))
    with journal.path.open("a") as file:
        file.write('{"step": "two", "at')
    journal.append(steps.record("three"))
    assert [record.step for record in journal.read()] == ["folders", "one", "three"]


def test_forget_removes_the_folders_that_were_not_there(journal: Journal, home: Path) -> None:
    """Shared folders that we made go when they are empty again; those of before, or in use, stay."""
    (home / ".config").mkdir()
    journal.append(steps.record("one"))
    (home / ".local/share/direnv/allow").mkdir(parents=True)
    (home / ".cache").mkdir()
    (home / ".cache/theirs").touch()
    journal.forget()
    left = sorted(str(path.relative_to(home)) for path in home.rglob("*") if path != home / "run")
    assert left == [".cache", ".cache/theirs", ".config"]


def test_forget_of_one_project_keeps_the_journal_of_another(journal: Journal, tmp_path: Path) -> None:
    """Two projects, two journals."""
    other = Journal(tmp_path / "other", os.environ)
    journal.append(steps.record("one"))
    other.append(steps.record("two"))
    journal.forget()
    assert other.last("two") is not None
    assert not journal.folder.exists()
    assert paths.state_dir().is_dir()
