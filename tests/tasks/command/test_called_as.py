"""How Invoke was called: alone, with tasks of the project beside ours, or with ours within a collection."""

import sys
from pathlib import Path

import pytest

from support import command

INVOKE = [sys.executable, "-m", "invoke"]


@pytest.mark.parametrize(
    ("tasks", "prefix"),
    [(command.ALONE, "invoke "), (command.WITH_OWN, "invoke "), (command.WITHIN, "invoke aws.")],
    ids=["alone", "with-own", "within"],
)
def test_hint_when_tasks_are_imported_then_it_names_them_as_the_project_does(
    project: Path, tasks: str, prefix: str
) -> None:
    """`invoke aws.assume`, where they are a collection of the project's."""
    (project / "tasks.py").write_text(tasks)
    ours = prefix.removeprefix("invoke ")
    done = command.run([*INVOKE, f"{ours}assume", "--role", "proud"], project)
    assert done.stderr.endswith(f"  try: {prefix}assume --role prod\n"), done.stderr
    dry = command.run([*INVOKE, "--dry", f"{ours}status"], project)
    assert dry.stderr.endswith(f"  try: invoke --help {ours}status\n"), dry.stderr
    assert dry.returncode == 2


def test_hint_when_started_by_a_bare_python_then_it_names_that(project: Path) -> None:
    """`python3 tasks.py X` hands on how it was called, and no further than to Invoke."""
    (project / "tasks.py").write_text(command.ALONE)
    given = "python3 ../tasks.py "
    done = command.run([*INVOKE, "assume", "--role", "proud"], project, ROLECALL_COMMAND=given)
    assert done.stderr.endswith("  try: python3 ../tasks.py assume --role prod\n"), done.stderr
    inherited = command.run([*INVOKE, "exec", "--", "env"], project, ROLECALL_COMMAND=given)
    assert "ROLECALL_ROLE=dev" in inherited.stdout
    assert "ROLECALL_COMMAND" not in inherited.stdout
