"""What a person sees of setup, whatever their terminal is."""

import io
import os
from pathlib import Path

import pytest
from rich.console import Console

from rolecall.workstation.setup import run
from rolecall.workstation.setup.screen import Screen
from rolecall.workstation.steps.step import Context, Finding, State, Step

STEP = Step(
    "env", "your own values", "", lambda _: Finding(State.DONE, ""), lambda _: None, lambda _c, _r: ""
)


@pytest.mark.parametrize(
    ("typed", "default", "says"),
    [("", True, True), ("", False, False), ("y", False, True), ("n", True, False)],
)
def test_confirm_when_answered_then_enter_is_the_default(typed: str, *, default: bool, says: bool) -> None:
    """Enter leaves the sandbox as it is; the question shows which answer it is."""
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return typed

    screen = Screen(can_ask=lambda: True, ask=ask, console=Console(file=io.StringIO()))
    assert screen.confirm("Really?", default=default) is says
    assert asked == [f"Really? [{'Y/n' if default else 'y/N'}]"]


@pytest.mark.parametrize("is_terminal", [False, True], ids=["a pipe", "a terminal"])
def test_begin_when_a_step_takes_long_then_everyone_reads_why(*, is_terminal: bool) -> None:
    """The line stays where a spinner would go away with it."""
    out = io.StringIO()
    screen = Screen(console=Console(file=out, force_terminal=is_terminal, width=60, color_system=None))
    screen.begin(STEP, Finding(State.CHANGE, ""))
    screen.close()
    assert "env: your own values" in out.getvalue()


@pytest.mark.parametrize(
    ("role", "lines"), [("dev", ["invoke whoami"]), ("", ["direnv reload", "invoke whoami"])]
)
def test_next_when_this_shell_has_no_role_yet_then_reload_comes_first(
    tmp_path: Path, role: str, lines: list[str]
) -> None:
    """After a reboot the sandbox runs again, but this shell would look again only in two minutes."""
    environ = {**os.environ, "DIRENV_FILE": f"{tmp_path}/.envrc", "ROLECALL_ROLE": role}
    assert run.next_lines(Context(tmp_path, environ=environ)) == lines
