"""What a person sees of setup, whatever their terminal is."""

import io
import os
import re
import sys
from pathlib import Path

import pexpect
import pytest
from rich.console import Console

from rolecall.workstation.setup import run
from rolecall.workstation.setup.screen import DIFF_STYLES, Screen
from rolecall.workstation.steps.engine import Kind, Outcome
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
    ("kind", "says"), [(Kind.ALREADY, "everything is"), (Kind.SKIPPED, "everything else is")]
)
def test_summary_when_a_step_was_left_to_the_person_then_only_the_rest_is_right(
    kind: Kind, says: str
) -> None:
    """A `!` line above, and "everything is already right" below, would contradict each other."""
    out = io.StringIO()
    screen = Screen(console=Console(file=out, width=60, color_system=None))
    screen.summary([Outcome(STEP, Kind.ALREADY, ""), Outcome(STEP, kind, "")], [])
    assert out.getvalue().startswith(f"rolecall: {says} already right (")


@pytest.mark.parametrize(
    ("role", "lines"), [("dev", ["invoke whoami"]), ("", ["direnv reload", "invoke whoami"])]
)
def test_next_when_this_shell_has_no_role_yet_then_reload_comes_first(
    tmp_path: Path, role: str, lines: list[str]
) -> None:
    """After a reboot the sandbox runs again, but this shell would look again only in two minutes."""
    environ = {**os.environ, "DIRENV_FILE": f"{tmp_path}/.envrc", "ROLECALL_ROLE": role}
    assert run.next_lines(Context(tmp_path, environ=environ)) == lines


NEXT = """
import os, sys
from pathlib import Path
from rolecall.workstation.setup import run
from rolecall.workstation.steps.step import Context
environ = {"HOME": os.environ["HOME"], "SHELL": "/bin/zsh"}
print(*run.next_lines(Context(Path(sys.argv[1]), environ=environ)), sep="\\n")
"""


def test_next_when_this_terminal_is_older_than_setup_then_a_new_shell_comes_first(tmp_path: Path) -> None:
    """In words that say why: nobody is told of a shell that "does not know direnv"."""
    root = tmp_path / "my shop"
    child = pexpect.spawn(sys.executable, ["-c", NEXT, str(root)], encoding="utf-8", dimensions=(24, 200))
    child.expect(pexpect.EOF)
    assert str(child.before).splitlines() == [
        "exec zsh    # or open a new terminal: this one was started before setup",
        f"cd '{root}'",
        "invoke whoami",
    ]


EVERYTHING = """
import sys, time
from rolecall.workstation.setup import screen
from rolecall.workstation.steps.engine import Kind, Outcome
from rolecall.workstation.steps.step import Finding, State, Step
from rolecall.workstation.venv import progress
step = Step("env", "your own values", "", None, lambda _: None, lambda _c, _r: "")
shown = screen.Screen()
shown.begin(step, Finding(State.CHANGE, ""))
time.sleep(0.3)  # the spinner turns
for kind in Kind:
    shown.end(Outcome(step, kind, "some words " + "x" * 70, "invoke setup"))
shown.say("a line")
shown.show("+ A=1\\n- A=2\\n~ A=1 -> 2")
shown.summary([Outcome(step, Kind.APPLIED, "x", "")], ["invoke whoami"])
screen.report([("problem", "! words of a problem"), ("note", "? words of a note"), ("ok", "fine")])
progress.run(["sh", "-c", "echo out; sleep 0.3"], "installing")
"""
SGR = re.compile(r"\x1b\[([0-9;]*)m")


def drawn(**environ: str) -> str:
    """Return what a terminal of 60 columns gets of everything that a setup can show."""
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS"}}
    return str(
        pexpect.run(
            f"{sys.executable} -c '{EVERYTHING}'",
            env={**kept, "PYTHONUTF8": "1", **environ},
            dimensions=(24, 60),
            encoding="utf-8",
            timeout=120,
        )
    )


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {"TERM": "", "LC_ALL": "C", "PYTHONUTF8": "0"}])
def test_screen_when_the_terminal_is_dumb_then_every_line_is_plain(environ: dict[str, str]) -> None:
    """Emacs, a serial line: no colour, no spinner, nothing that moves the cursor, and all of the words."""
    text = drawn(**environ)
    assert "Traceback" not in text
    assert "\x1b" not in text
    assert re.findall(r"\r(?!\r*\n)", text) == []
    for words in (
        "your own values",
        "some words",
        "a line",
        "~ A=1 -> 2",
        "ready; 1 done",
        "words of a note",
    ):
        assert words in text


def test_screen_when_the_terminal_is_light_and_narrow_then_no_words_are_pale() -> None:
    """Yellow and white on white are not there; a sign may have a colour, and so may a difference."""
    text = drawn(TERM="xterm-256color")
    assert "Traceback" not in text
    colour, pale = "", ""
    for at, piece in enumerate(SGR.split(text)):
        if at % 2:
            colour = "" if piece in {"", "0"} else piece
        elif re.search(r"(^|;)(33|37|93|97|38;5;(7|11|15))(;|$)", colour):
            pale += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", piece).strip()
    assert set(pale) <= set("!?⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏0123456789:")
    assert not {"yellow", "white"}.intersection(DIFF_STYLES.values())


def test_screen_when_no_colour_is_wanted_then_there_is_none() -> None:
    """NO_COLOR (no-color.org) holds; bold and dim are no colours."""
    text = drawn(TERM="xterm-256color", NO_COLOR="1")
    assert "ready; 1 done" in text
    assert re.search(r"\x1b\[[0-9;]*3[0-7]", text) is None
