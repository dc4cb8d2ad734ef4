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


@pytest.mark.parametrize("name", ["setup", "assume"])
def test_invoke_when_the_project_has_a_task_of_that_name_then_says_so(project: Path, name: str) -> None:
    """Its own runs, as it did before; ours is `rolecall X`, and every hint names that."""
    (project / "tasks.py").write_text(command.WITH_OWN.replace("build", name))
    done = command.run([*INVOKE, name], project)
    assert done.stdout == "built\n".replace("build", name)
    assert (
        done.stderr == f"rolecall: {name} is a task of this project's own; rolecall's is: rolecall {name}\n"
    )
    hint = command.run([*INVOKE, "exec", "--role", "proud", "--", "true"], project)
    assert hint.stderr.endswith("  try: rolecall assume --role prod\n"), hint.stderr
    plain = command.run([*INVOKE, "roles"], project)
    assert (plain.returncode, plain.stderr) == (0, "")


def test_invoke_when_our_tasks_are_within_then_the_projects_setup_displaces_nothing(project: Path) -> None:
    """`aws.setup` and `setup` are two."""
    (project / "tasks.py").write_text(command.WITHIN.replace("build", "setup"))
    assert command.run([*INVOKE, "setup"], project).stderr == ""
