"""A secret shows itself nowhere, and what reaches a terminal is clean."""

import copy
import io
import logging
import pickle
import pprint
import traceback
from typing import Any

import pytest
from rich.console import Console
from rich.pretty import pretty_repr
from rich.traceback import Traceback

from rolecall.system.person import person
from rolecall.system.text import redaction, secret
from rolecall.system.text.secret import NONE, Secret

TEXT = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
HELD = Secret(TEXT)
WAYS = {
    "repr": repr,
    "str": str,
    "f-string": lambda held: f"{held} {held!r} {held!s} {held:>80}",
    "percent": lambda held: "%s %r" % (held, held),  # noqa: UP031 - the way is what is tested
    "format": "{0} {0:x} {0!r}".format,
    "in a list": lambda held: str([held, {"a": held}, (held,)]),
    "pprint": pprint.pformat,
    "rich": pretty_repr,
    "exception": lambda held: str(ValueError(held)) + repr(ValueError(held)),
    "join": lambda held: "".join(map(str, [held])),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_secret_when_shown_then_is_hidden(way: "object") -> None:
    """Whatever makes text of it makes no secret of it known."""
    assert callable(way)
    assert TEXT[:8] not in way(HELD)


def test_secret_when_logged_then_is_hidden(caplog: pytest.LogCaptureFixture) -> None:
    """As an argument, and as the message itself."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("x").debug("got %s %r", HELD, HELD)
    logging.getLogger("x").debug(HELD)
    assert caplog.text.count(secret.HIDDEN) == 3
    assert TEXT not in caplog.text


def fail(held: Secret) -> None:
    """Fail with the secret among the locals."""
    both = {"key": held}
    raise ValueError(len(both))


def test_secret_when_a_traceback_shows_locals_then_is_hidden() -> None:
    """The standard library's, and rich's."""
    try:
        fail(HELD)
    except ValueError as problem:
        text = "".join(traceback.TracebackException.from_exception(problem, capture_locals=True).format())
        console = Console(file=io.StringIO(), width=200)
        console.print(Traceback.from_exception(ValueError, problem, problem.__traceback__, show_locals=True))
        assert isinstance(console.file, io.StringIO)
        shown = console.file.getvalue()
    assert secret.HIDDEN in text
    assert secret.HIDDEN in shown
    assert TEXT not in text + shown


def test_secret_when_it_is_mixed_with_text_then_raises() -> None:
    """No way to add it to a text by mistake, and no export of its mask."""
    held: Any = HELD
    for wrong in (lambda: "a" + held, lambda: ",".join(map(Secret, "ab")), lambda: held[0]):  # type: ignore[arg-type] # that is the point
        with pytest.raises(TypeError):
            wrong()


def test_secret_when_revealed_copied_and_compared_then_is_the_text() -> None:
    """It is a value: equal by its text, and false without one."""
    assert HELD.reveal() == TEXT
    assert copy.deepcopy(HELD) == HELD == pickle.loads(pickle.dumps(HELD)) == Secret(TEXT)  # noqa: S301 - our own
    assert hash(HELD) == hash(Secret(TEXT)) != hash(Secret(f"{TEXT}!"))
    assert HELD != TEXT
    assert (bool(HELD), bool(NONE), repr(NONE)) == (True, False, "[no secret]")


# What reaches a terminal or a log.


def test_redacted_when_a_library_says_a_known_secret_then_it_is_removed() -> None:
    """A message that botocore made of it is ours once it is shown."""
    Secret(TEXT[:-1])  # another one, with which it begins
    Secret(TEXT[:14] + "x" * 20)
    assert redaction.redacted(f"bad {TEXT}, {TEXT}") == "bad [removed], [removed]"


LONG = "0123456789abcdefghijklmnopqrstuvwxyzABCD"
SHORT = "zyxwvutsrqponmlkjihgfedc"  # the shortest of which a part is still a secret


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"<{LONG[:12]}>", "<[removed]>"),
        (f"<{LONG[:13]}>", "<[removed]>"),
        (f"<{LONG[:14]}z>", "<[removed]z>"),
        (f"<{LONG[:39]}", "<[removed]"),
        (f"<{LONG[-12:]}>", "<[removed]>"),
        (f"<{LONG[-13:]}>", "<[removed]>"),
        (f"<z{LONG[-14:]}>", "<z[removed]>"),
        (f"{LONG[:15]}…{LONG[-15:]}", "[removed]…[removed]"),
        (f"<{LONG[:11]}> {LONG[-11:]}", f"<{LONG[:11]}> {LONG[-11:]}"),
        (LONG[14:26], LONG[14:26]),
        (f"{SHORT[:12]} {SHORT[-12:]}", "[removed] [removed]"),
    ],
)
def test_redacted_when_a_text_was_cut_then_a_part_of_a_secret_is_removed_whole(
    text: str, expected: str
) -> None:
    """Its beginning or its end, as far as it goes; fewer than twelve characters tell nothing."""
    own = [Secret(LONG), Secret(SHORT)]
    assert redaction.redacted(text) == expected
    assert all(own)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://ann:hunter2@127.0.0.1:5000/x", "http://127.0.0.1:5000/x"),
        ("at https://a:p@ss@host and http://b:c@h", "at https://host and http://h"),
        ("key AKIAIOSFODNN7EXAMPLE, ASIAIOSFODNN7EXAMPL2", "key …MPLE, …MPL2"),
        ("ann@example.com, git@host:x", "ann@example.com, git@host:x"),
        ("https://host/a@b", "https://host/a@b"),
    ],
)
def test_redacted_when_an_address_has_a_password_then_it_is_removed(text: str, expected: str) -> None:
    """And of a key id, four characters stay."""
    assert redaction.redacted(text) == expected


ATTACKS = {
    "escape": "\x1b[2K\x1b[1A",
    "bell": "\x07",
    "carriage return": "safe\revil",
    "line end": "a\nrolecall: all is well",
    "backspace": "evil\b\b\b\b",
    "C1": "\x9b2K",
    "delete": "\x7f",
    "bidirectional": "\u202egnp.exe",
    "isolate": "\u2066x\u2069",
    "line separator": "\u2028",
    "zero width": "pro\u200bd",
    "tag": "\U000e0041",
    "half a character": "\udcff",
}


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS)
def test_say_when_text_from_outside_has_control_characters_then_they_are_made_visible(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are seen, and do nothing."""
    person.say(text)
    shown = capsys.readouterr().err
    assert shown.startswith("rolecall: ")
    assert shown.endswith("\n")
    assert shown[:-1].isprintable()
    assert "<U+" in shown


def test_put_when_data_has_lines_then_they_stay_and_escapes_do_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Data on stdout has lines, and no colours but ours."""
    person.put("a\tb\n\x1b[31mé")
    assert capsys.readouterr().out == "a\tb\n<U+001B>[31mé\n"


def test_say_when_text_is_plain_then_stays(capsys: pytest.CaptureFixture[str]) -> None:
    """Accents, dots and emoji are no control characters."""
    person.say("dev · 111122223333 · é … 🙂")
    person.advise("invoke setup")
    person.advise("")
    assert capsys.readouterr().err == "rolecall: dev · 111122223333 · é … 🙂\n  try: invoke setup\n"


def test_ask_when_the_question_has_an_escape_then_it_is_visible(capsys: pytest.CaptureFixture[str]) -> None:
    """A question is shown, too."""
    assert person.ask("role \x1b[2K?", default="a", read=lambda _: "") == "a"
    assert capsys.readouterr().err == "role <U+001B>[2K? [a]: "


def test_terminal_when_anything_is_written_then_person_or_screen_writes_it() -> None:
    """One way out: whoever writes to stderr or prints by himself skips the cleaning."""
    import ast
    from pathlib import Path

    import rolecall

    package = Path(rolecall.__file__).parent
    found = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            words = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if words in (
                "print",
                "sys.stderr.write",
                "sys.stdout.write",
                "console.print",
                "self.console.print",
            ):
                found.add(f"{path.relative_to(package)}: {words}")
    allowed = {
        "system/person/person.py: sys.stderr.write",
        "system/person/person.py: sys.stdout.write",
        "system/bug_report.py: sys.stderr.write",  # cleaned there, where nothing else can be written
        "workstation/setup/screen.py: console.print",
        "workstation/setup/screen.py: self.console.print",
        "workstation/shells/completion_words.py: print",  # names of our own tasks, for a shell
        "__main__.py: sys.stderr.write",  # its usage
        "__main__.py: sys.stdout.write",  # credential_process: JSON of plain characters
        "tasks/door.py: sys.stderr.write",  # the line end after ^C
        "tasks/roles/role_list.py: sys.stdout.write",  # our own schema
        "tasks/sessions/formats.py: sys.stdout.write",  # what a shell evaluates, each value quoted
        "tasks/command/program.py: print",  # our own help
        "tasks/command/words.py: print",  # for a shell
        "system/person/menu.py: sys.stderr.write",  # moves the cursor; what it shows is printable, and cut
        "tasks/programs/exec_and_serve.py: print",  # what a shell evaluates, each value quoted
    }
    assert found - allowed == set(), "person.put and person.say clean what they write"
