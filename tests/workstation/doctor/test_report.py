"""Doctor's report: every check in it, and only safe repairs done unasked."""

import json
from functools import partial
from pathlib import Path

from rolecall.workstation.doctor import report
from rolecall.workstation.doctor.symptom import Level, Symptom
from rolecall.workstation.steps.step import Context, Finding, State, Step


def step(name: str, state: State, *, optional: bool = False) -> Step:
    return Step(
        name,
        "a toy",
        f"fix {name}",
        lambda _: Finding(state, "as found"),
        lambda _: None,
        lambda _context, _record: "",
        optional=optional,
    )


def test_examine_when_steps_are_not_done_then_reports_each_with_its_fix(shop: Path) -> None:
    """A step that is not done is a problem, an optional one a note; a problem makes the exit code 1."""
    found = {
        symptom.id: symptom
        for symptom in report.examine(
            [step("a", State.DONE), step("b", State.CHANGE), step("c", State.CHANGE, optional=True)],
            Context(shop),
        )
    }
    assert [found[name].level for name in "abc"] == [Level.OK, Level.PROBLEM, Level.NOTE]
    assert found["b"].fix == "fix b"
    assert report.exit_code(list(found.values())) == 1
    assert report.exit_code([found["a"], found["c"]]) == 0
    assert json.loads(report.as_json([found["b"]]))["checks"][0]["fix"] == "fix b"


def test_mend_when_much_is_wrong_then_does_only_what_is_safe(shop: Path) -> None:
    """--fix never approves code, edits an rc file or installs a program."""
    applied: list[str] = []
    done: set[str] = set()

    def do(name: str, _: Context) -> None:
        applied.append(name)
        done.add(name)

    def toy(name: str) -> Step:
        return Step(
            name,
            "a toy",
            "",
            lambda _: Finding(State.DONE if name in done else State.CHANGE, ""),
            partial(do, name),
            lambda _context, _record: "",
        )

    table = [toy(name) for name in ("direnv", "ignored", "env", "envrc", "approval", "shell-bash")]
    context = Context(shop)
    mended = report.mend(table, context, report.examine(table, context))
    assert applied == ["ignored", "env"]
    assert mended == ["ignored", "env"]


def test_as_lines_when_some_checks_are_fine_then_counts_those() -> None:
    """A healthy machine takes one line."""
    fine = Symptom("a", Level.OK, "good")
    assert [line for _, line in report.as_lines([fine, fine])] == ["all 2 checks are fine"]
    lines = [line for _, line in report.as_lines([fine, Symptom("bb", Level.PROBLEM, "bad", "mend it")])]
    assert lines == ["!  bb  bad", "   " + "    try: mend it", "1 of 2 checks are fine, 1 needs you"]
