"""The person at the terminal: what they are told, asked, and what their answers mean."""

import contextlib
import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rolecall.errors import UsageError
from rolecall.system import command
from rolecall.system.person import person
from rolecall.system.text.secret import Secret

ON_TERMINAL = """
from rolecall.errors import MachineError
from rolecall.system.person import person
try:
    print(repr(person.ask_on_terminal("Code\\x1b")))
except MachineError as problem:
    print(problem.code, problem.message)
"""


@contextlib.contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Make stdin and stderr a terminal; yield the end at which a person types."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs) as stdin, os.fdopen(os.dup(theirs), "w") as stderr, os.fdopen(ours, "rb"):
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(sys, "stderr", stderr)
        yield ours


def test_ask_when_a_list_comes_before_the_question_then_it_is_shown_line_by_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The roles of a person's AWS profiles, one to a line; an escape in a name is written out."""
    answer = person.ask("   1  dev\n   2  pr\x1b[2Jod\nNumber", default="1", read=lambda _: " 2 ")
    assert answer == "2"
    shown = capsys.readouterr().err
    assert shown.split("\n")[0] == "   1  dev"
    assert shown.split("\n")[2] == "Number [1]: "
    assert "\x1b" not in shown


def read_until(ours: int, expected: bytes) -> bytes:
    """Read what a terminal shows, until `expected` is there; it may come in parts."""
    shown = b""
    while expected not in shown and select.select([ours], [], [], 10)[0]:
        shown += os.read(ours, 1024)
    return shown


@pytest.mark.parametrize(("default", "shown"), [("", "Role: "), ("dev", "Role [dev]: ")])
def test_ask_when_nothing_is_typed_then_is_the_default(
    capsys: pytest.CaptureFixture[str], default: str, shown: str
) -> None:
    """The question says which that is, on stderr, and the reader gets no prompt to show again."""
    assert person.ask("Role", default=default, read=" {} ".format) == default
    assert capsys.readouterr() == ("", shown)


@pytest.mark.parametrize("line_buffered", [True, False])
def test_person_when_they_are_told_or_asked_then_it_is_shown_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, line_buffered: bool
) -> None:
    """Not once a buffer is full: the next thing may take a minute, or be their answer."""
    path = tmp_path / "stderr"
    with path.open("w") as stderr:
        stderr.reconfigure(line_buffering=line_buffered)
        monkeypatch.setattr(sys, "stderr", stderr)
        person.say("one\x1b")
        assert path.read_text() == "rolecall: one<U+001B>\n"
        assert person.ask("Role", read=lambda _: path.read_text().splitlines()[-1]) == "Role:"


def test_put_when_data_is_from_elsewhere_then_only_what_makes_lines_and_columns_stays(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On stdout, with the line's end; secrets are what was asked for there."""
    held = Secret("asked-for-on-stdout")
    person.put(f"a\tb\n{held.reveal()}\x1b[2J\r")
    assert capsys.readouterr() == ("a\tb\nasked-for-on-stdout<U+001B>[2J<U+000D>\n", "")


def test_ask_when_the_terminal_ends_then_says_what_was_not_answered(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Ctrl-D: the next prompt begins on a line of its own."""

    def end(_prompt: str) -> str:
        raise EOFError

    with pytest.raises(UsageError, match="Role: that was not answered") as raised:
        person.ask("Role", read=end)
    assert raised.value.code == "not-answered"
    assert capsys.readouterr().err == "Role: \n"


@pytest.mark.parametrize(
    ("typed", "is_yes"), [("y", True), ("Yes", True), ("", False), ("n", False), ("yo", False), ("yy", False)]
)
def test_confirm_when_answered_then_only_a_yes_is_one(
    monkeypatch: pytest.MonkeyPatch, typed: str, *, is_yes: bool
) -> None:
    """Enter means no, and what was typed before the question answers something else."""
    with terminal(monkeypatch) as ours:
        os.write(ours, b"y\n")
        assert person.confirm("Sure", read=lambda _: typed) is is_yes
        assert not select.select([sys.stdin], [], [], 0)[0]
        assert b"Sure [y/N]: " in read_until(ours, b"Sure [y/N]: ")


def test_forget_typed_when_there_is_no_terminal_then_nothing_is_thrown_away(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Answers that come through a pipe are meant."""
    (tmp_path / "answers").write_text("y\n")
    with (tmp_path / "answers").open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        person.forget_typed()
        assert person.ask("Sure") == "y"


@pytest.mark.parametrize("missing", ["", "hook", "stdin", "stderr"])
def test_can_ask_when_an_end_is_no_terminal_or_direnv_waits_then_not(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """A question that nobody sees, or nobody can answer, would wait for ever."""
    with terminal(monkeypatch), Path(os.devnull).open("r+") as nothing:
        if missing in ("stdin", "stderr"):
            monkeypatch.setattr(sys, missing, nothing)
        environ = {"DIRENV_IN_ENVRC": "1"} if missing == "hook" else {}
        assert person.can_ask(environ=environ) is (missing == "")


def test_ask_secret_and_browse_when_called_then_nothing_is_shown_that_steers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is typed is not shown; the browser gets the address as it is."""
    monkeypatch.setattr("getpass.getpass", lambda prompt: f"<{prompt}>")
    monkeypatch.setattr("webbrowser.open", lambda url: url == "https://x.example/?a=b")
    assert person.ask_secret("Key\x1b: ") == "<Key<U+001B>: >"
    assert person.browse("https://x.example/?a=b")
    assert not person.browse("https://x.example/")


def test_ask_on_terminal_when_stdin_is_a_pipe_then_the_terminal_answers() -> None:
    """The controlling terminal is asked, whatever stdin and stdout are."""
    ours, theirs = pty.openpty()
    os.write(ours, b" 123456 \n")
    script = ["sh", "-c", 'exec "$@" </dev/null 2>/dev/null', "sh", sys.executable, "-c", ON_TERMINAL]
    done = subprocess.run(
        ["setsid", "--ctty", *script], stdin=theirs, capture_output=True, text=True, check=True
    )
    shown = read_until(ours, b"Code<U+001B>: ")
    os.close(ours)
    os.close(theirs)
    assert done.stdout == "'123456'\n"
    assert b"Code<U+001B>: " in shown


def test_ask_on_terminal_when_the_answer_is_no_text_then_is_one_all_the_same() -> None:
    """Whoever asked says that it is no code; the terminal is let go of."""
    ours, theirs = pty.openpty()
    os.write(ours, b"\xff\n")
    script = f"{ON_TERMINAL}\nimport os; print(sorted(os.listdir('/proc/self/fd')))"
    done = subprocess.run(
        ["setsid", "--ctty", sys.executable, "-c", script],
        stdin=theirs,
        capture_output=True,
        text=True,
        check=True,
    )
    os.close(ours)
    os.close(theirs)
    answer, left = done.stdout.splitlines()
    assert answer == repr("\ufffd")
    assert left == "['0', '1', '2', '3']"  # the last is the listing's own


def test_ask_on_terminal_when_there_is_none_then_says_so() -> None:
    """An editor, or a runner."""
    done = subprocess.run(
        ["setsid", sys.executable, "-c", ON_TERMINAL], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("terminal-missing there is no terminal to ask on: No such device")


def test_tell_when_a_line_has_a_secret_and_a_command_then_neither_is_as_it_was(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A command is the one that the person types; advice without one is no line."""
    held, before = Secret("told-to-nobody-here"), command.used()
    command.use("rolecall ")
    try:
        person.tell(f"{held.reveal()}: invoke setup")
        person.advise("invoke login")
        person.advise("")
    finally:
        command.use(before)
    assert capsys.readouterr().err == "[removed]: rolecall setup\n  try: rolecall login\n"
