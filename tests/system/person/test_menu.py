"""The menu: what it shows, what each key does, and in a real terminal that it leaves nothing behind."""

import os
import pty
import select
import sys
import termios
import threading
from collections.abc import Iterator, Sequence

import pexpect
import pytest

from rolecall.system.person import menu
from rolecall.system.person.menu import KEYS, Menu, keys

ROWS = [f"role-{number:03}  111122223333  eu-west-{number % 3}" for number in range(500)]


def typed(*pressed: str) -> Menu:
    """Return the menu after these keys, ten rows to a page."""
    menu = Menu(ROWS)
    for key in pressed:
        menu = menu.pressed(key, 10)
    return menu


@pytest.mark.parametrize(
    ("pressed", "row"),
    [
        ((), "role-000"),
        (("down", "down", "up"), "role-001"),
        (("up",), "role-000"),
        (("end",), "role-499"),
        (("end", "down"), "role-499"),
        (("page-down", "page-down", "page-up"), "role-010"),
        (("end", "home"), "role-000"),
        (tuple("042"), "role-042"),
        ((*"ROLE-04", "down"), "role-041"),
        ((*"042", *["backspace"] * 3), "role-000"),
        ((*"zzz", "clear"), "role-000"),
        (tuple("west-1 49"), "role-049"),
    ],
)
def test_menu_when_keys_are_pressed_then_the_cursor_is_on_the_row(pressed: tuple[str, ...], row: str) -> None:
    """It filters by every word that is typed, and the cursor stays within what matches."""
    menu = typed(*pressed)
    assert menu.rows[menu.matching[menu.cursor]].startswith(row)


@pytest.mark.parametrize("erase", [b"\x7f", b"\x08"])
def test_menu_when_the_erase_key_is_pressed_then_the_last_letter_goes(erase: bytes) -> None:
    """What a terminal sends for it, as it comes: a letter typed wrong is taken back."""
    sent = iter([b"0", b"4", b"9x", erase, b""])
    assert typed(*keys(lambda: next(sent))).typed == "049"


@pytest.mark.parametrize("data", KEYS)
def test_menu_when_a_key_has_a_name_then_the_menu_knows_it(data: str) -> None:
    """A name that the menu does not know would be typed into the filter."""
    assert KEYS[data] in ("enter", "escape") or typed(KEYS[data]).typed == ""


@pytest.mark.parametrize("pressed", [(), ("end",), ("page-down",), tuple("zzz"), (*"role-2", "end")])
@pytest.mark.parametrize("width", [20, 60])
def test_menu_when_shown_then_fits_the_terminal_and_has_the_cursor(
    pressed: tuple[str, ...], width: int
) -> None:
    """No line wraps at any width, and no page is longer than the terminal."""
    lines = typed(*pressed).lines("Take which role?", width, 10)
    assert max(map(len, lines)) < width
    assert len(lines) <= 12
    assert sum(line.startswith(">") for line in lines) == ("z" not in pressed)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([b"\x1b[A", b"\x1bOB", b"\r"], ["up", "down", "enter"]),
        ([b"abc\r"], ["a", "b", "c", "enter"]),
        (["é".encode()], ["é"]),
        ([b"\x1b[1;5C", b"\x1b[200~x\x1b[B\r"], ["x", "down", "enter"]),
        ([b"\x00\x07a"], ["a"]),
        ([b"\xff"], []),
    ],
)
def test_keys_when_read_then_are_names_or_text(data: list[bytes], expected: list[str]) -> None:
    """What the terminal sends beside keys, and what is no text, is passed over."""
    left = iter([*data, b""])
    assert list(keys(lambda: next(left))) == expected


@pytest.mark.parametrize(
    ("pressed", "shown"),
    [
        ((), ["> role-000", "  role-001", "  role-002", "  role-003"]),
        (("down", "down"), ["  role-000", "  role-001", "> role-002", "  role-003"]),
        (("down",) * 3, ["  role-001", "  role-002", "> role-003", "  role-004"]),
        (("end",), ["  role-496", "  role-497", "  role-498", "> role-499"]),
    ],
)
def test_lines_when_the_cursor_moves_then_it_stays_in_the_middle(
    pressed: tuple[str, ...], shown: list[str]
) -> None:
    """But at both ends; above is how many match, below what was typed."""
    lines = typed(*pressed).lines("Which?", 80, 4)
    assert [line[:10] for line in lines[1:-1]] == shown
    assert (lines[0], lines[-1]) == ("Which?  500 of 500", "/")


def test_lines_when_text_is_typed_then_what_matches_and_nothing_that_steers() -> None:
    """The last column stays free: a terminal would wrap there."""
    assert typed(*"zz").lines("Which?", 80, 4) == ["Which?  0 of 500", "  nothing matches", "/zz"]
    assert Menu(["a\x1b[2Jb"]).lines("T", 6, 1) == ["T  1 ", "> a[2", "/"]
    assert typed(*"ab", "backspace").typed == "a"
    assert typed("down", "0").cursor == 0
    assert typed("down", "clear").cursor == 0
    assert typed("down", "backspace").cursor == 0
    assert typed("page-down").cursor == 10
    assert Menu([]).pressed("down", 5).cursor == 0


@pytest.mark.parametrize(("height", "rows"), [(100, 15), (18, 15), (17, 14), (6, 3), (5, 3), (1, 3)])
def test_page_when_the_terminal_is_low_then_has_fewer_rows(
    monkeypatch: pytest.MonkeyPatch, height: int, rows: int
) -> None:
    """Room for the line above, the line below, and the prompt before."""
    monkeypatch.setenv("LINES", str(height))
    monkeypatch.setenv("COLUMNS", "80")
    assert menu._page() == rows


@pytest.mark.parametrize(("drawn", "back"), [(0, ""), (1, ""), (2, "\x1b[1A"), (5, "\x1b[4A")])
def test_draw_when_lines_were_drawn_then_begins_at_the_first_of_them(
    capsys: pytest.CaptureFixture[str], drawn: int, back: str
) -> None:
    """And what was below is cleared."""
    assert menu._draw(["a", "b", "c"], drawn) == 3
    assert capsys.readouterr().err == f"\r{back}\x1b[Ja\r\nb\r\nc"


@pytest.mark.parametrize(
    ("sent", "read"), [(b"\x1b", b"\x1b"), (b"a", b"a"), (b"\x1b[A", b"\x1b[A"), (b"x" * 70, b"x" * 64)]
)
def test_read_when_a_key_is_sent_then_is_read_whole(sent: bytes, read: bytes) -> None:
    """An Esc alone is one; no more than a terminal sends at once is taken."""
    ours, theirs = os.pipe()
    os.write(theirs, sent)
    assert menu._read(ours) == read
    os.close(ours)
    os.close(theirs)


def chosen(
    monkeypatch: pytest.MonkeyPatch, rows: Sequence[str], *steps: tuple[bytes, bytes]
) -> tuple[int | None, bytes]:
    """Choose in a terminal here; each step is what is awaited on it, and what is typed then.

    Returns the choice and all that was drawn. The terminal must be as it was before.
    """
    ours, theirs = pty.openpty()
    drawn = bytearray()

    def person() -> None:
        for awaited, keyed in steps:
            seen = b""
            while awaited not in seen and select.select([ours], [], [], 30)[0]:
                seen += os.read(ours, 4096)
            drawn.extend(seen)
            os.write(ours, keyed)

    with os.fdopen(theirs) as stdin, os.fdopen(os.dup(theirs), "w") as stderr, os.fdopen(ours, "rb"):
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(sys, "stderr", stderr)
        before = termios.tcgetattr(theirs)
        typing = threading.Thread(target=person)
        typing.start()
        found = menu.choose(rows, "Which?")
        typing.join()
        assert termios.tcgetattr(theirs) == before
        while select.select([ours], [], [], 0)[0]:
            drawn += os.read(ours, 4096)
    return found, bytes(drawn)


FEW = ["dev", "prod", "test"]


def test_choose_when_enter_finds_nothing_then_the_menu_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was typed can be taken back, and another row be chosen; each drawing begins where the last did."""
    found, drawn = chosen(
        monkeypatch,
        FEW,
        (b"3 of 3", b"zz"),
        (b"/zz", b"\r"),
        (b"/zz", b"\x15"),
        (b"3 of 3", b"\x1b[B"),
        (b"> prod", b"\r"),
    )
    assert found == 1
    shown = [part.split(b"\r\n") for part in drawn.split(b"\x1b[J")]
    # Five lines (title, three rows, what is typed), then three where nothing matches, and none at the end.
    assert [len(lines) for lines in shown[1:]] == [5, 3, 3, 3, 5, 5, 1]
    assert shown[-1] == [b""]
    up = [lines[-1].partition(b"\r")[2] for lines in shown[:-1]]
    assert up == [b"", b"\x1b[4A", b"\x1b[2A", b"\x1b[2A", b"\x1b[2A", b"\x1b[4A", b"\x1b[4A"]


def test_choose_when_a_page_is_turned_then_by_as_many_rows_as_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In a terminal of nine lines that is six; of one 12 columns wide, no line wraps."""
    monkeypatch.setenv("LINES", "9")
    monkeypatch.setenv("COLUMNS", "12")
    found, drawn = chosen(monkeypatch, ROWS, (b"> role-000", b"\x1b[6~"), (b"> role-006", b"\r"))
    assert found == 6
    lines = drawn.replace(b"\x1b[J", b"\r\n").split(b"\r\n")
    assert max(len(line.partition(b"\r")[0]) for line in lines) == 11
    assert b"  role-005" in drawn


def test_choose_when_ctrl_d_is_pressed_then_nothing_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """As at any question; what was typed is no answer."""
    found, drawn = chosen(monkeypatch, FEW, (b"3 of 3", b"p"), (b"1 of 3", b"\x04"))
    assert found is None
    assert drawn.endswith(b"\r\x1b[2A\x1b[J")


CHOOSE = """
import os
import sys
from rolecall.system.person import menu
rows = [f"role-{n:03}" for n in range(500)]
print("chosen", menu.choose(rows, "Which?"))
"""


@pytest.fixture
def terminal() -> Iterator["pexpect.spawn[str]"]:
    """Show the menu in a terminal of 60 columns."""
    child = pexpect.spawn(
        sys.executable, ["-c", CHOOSE], encoding="utf-8", dimensions=(24, 60), timeout=60, echo=True
    )
    child.expect("500 of 500")
    yield child
    child.close(force=True)


def test_choose_when_filtered_and_entered_then_gives_the_row(terminal: "pexpect.spawn[str]") -> None:
    """Typed, moved, chosen."""
    terminal.send("04")
    terminal.expect(r"\d\d of 500")
    terminal.send("\x1b[B\r")
    terminal.expect(r"chosen (\d+)")
    assert int(terminal.match.group(1)) == 40


def test_choose_when_left_with_escape_then_gives_nothing_and_the_terminal_is_as_before(
    terminal: "pexpect.spawn[str]",
) -> None:
    """An Esc alone is no beginning of an arrow key; echo and lines are back afterwards."""
    terminal.send("\x1b")
    terminal.expect("chosen None")
    assert terminal.before.endswith("A\x1b[J")  # nothing of the menu stays on the screen
    terminal.expect(pexpect.EOF)


def test_choose_when_interrupted_then_ends_as_any_program_does(terminal: "pexpect.spawn[str]") -> None:
    """Ctrl-C is Ctrl-C."""
    terminal.sendintr()
    terminal.expect("KeyboardInterrupt")
