"""The command that a person types: what the code writes as `invoke X`, in their words."""

from pathlib import Path

import pytest

from rolecall.system import command
from rolecall.tasks import namespace


@pytest.mark.parametrize(
    ("written", "prefix", "said"),
    [
        ("invoke setup", "rolecall ", "rolecall setup"),
        ("invoke setup --ask", "invoke aws.", "invoke aws.setup --ask"),
        ("invoke --help setup", "invoke aws.", "invoke --help aws.setup"),
        ("invoke --list", "invoke aws.", "invoke --list"),
        ("invoke --list", "rolecall ", "rolecall --list"),
        ("invoke login; invoke assume", "rolecall ", "rolecall login; rolecall assume"),
        (
            'use: eval "$(invoke assume --format bash)"',
            "rolecall ",
            'use: eval "$(rolecall assume --format bash)"',
        ),
        ("`invoke sandbox`", "python3 ../tasks.py ", "`python3 ../tasks.py sandbox`"),
        ("invoke whoami", "'/a b/rolecall' ", "'/a b/rolecall' whoami"),
        ("python3 tasks.py setup, or direnv allow", "rolecall ", "rolecall setup, or direnv allow"),
        ("rm -r .venv && python3 tasks.py setup", "invoke aws.", "rm -r .venv && invoke aws.setup"),
    ],
)
def test_spoken_when_a_command_is_in_the_text_then_it_is_the_one_the_person_types(
    written: str, prefix: str, said: str
) -> None:
    """Each of the four ways to have the tasks, and paths that need quotes."""
    assert command.spoken(written, prefix=prefix, is_checkout=False) == said


@pytest.mark.parametrize(
    "text",
    [
        "role invoke is protected",
        "cannot invoke the function",
        "/venv/bin/invoke doctor",
        "re-invoke setup",
        "to reinvoke setup",
        "a_invoke setup",
        "./invoke setup",
        "x.invoke setup",
        "x invoke --help",
        "invoke --help test",
        "invoke -l",
        "invoke test",
        "invoke setups",
        "it ends in invoke ",
        "",
    ],
)
def test_spoken_when_the_word_starts_no_task_of_ours_then_the_text_stays(text: str) -> None:
    """A role's name, a program's path and a project's own task are nobody's to change."""
    assert command.spoken(text, prefix="rolecall ") == text


def test_spoken_when_rolecall_lives_in_a_checkout_then_the_bare_start_stays() -> None:
    """`python3 tasks.py` is what makes `.venv` there."""
    assert command.in_checkout()
    assert command.spoken("python3 tasks.py setup", prefix="rolecall ") == "python3 tasks.py setup"


@pytest.mark.parametrize(
    ("prefix", "is_own"),
    [
        ("rolecall ", True),
        ("'/a b/rolecall' ", True),
        ("uvx --from /x rolecall ", True),
        ("invoke aws.", False),
        ("python3 ../tasks.py ", False),
        ("rolecall x ", False),
    ],
)
def test_is_own_when_the_program_is_rolecall_then_yes(prefix: str, *, is_own: bool) -> None:
    """By its last word, wherever it lies; without one, by what this process was called."""
    before = command.used()
    assert command.is_own(prefix) is is_own
    command.use(prefix)
    try:
        assert (command.is_own(), command.used()) == (is_own, prefix)
        assert command.spoken("invoke setup") == f"{prefix}setup"
    finally:
        command.use(before)


def test_usual_when_rolecall_does_not_live_in_a_checkout_then_is_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no `tasks.py` beside a wheel, which Invoke would need."""
    assert command.usual() == "invoke "
    monkeypatch.setattr(command, "PACKAGE", str(tmp_path / "lib/rolecall"))
    assert (command.in_checkout(), command.usual()) == (False, "rolecall ")
    assert command.spoken("python3 tasks.py setup", prefix="rolecall ") == "rolecall setup"
    (tmp_path / "tasks.py").touch()
    assert command.in_checkout()


def test_tasks_when_the_namespace_gains_one_then_the_words_of_hints_have_it_too() -> None:
    """A `cd` cannot load Invoke to ask for their names."""
    assert set(namespace.task_names) == command.TASKS
