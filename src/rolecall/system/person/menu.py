"""A menu in a terminal: type to filter, arrows and Enter to choose, Esc to leave all as it is.

Own code: a library that could do this starts some thirty programs (simple-term-menu asks `tput` for each
key), or takes longer to import than the SDK's first half (prompt_toolkit). Needs a terminal that moves its
cursor. Must not know what is chosen.
"""

import os
import re
import select
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

MOST_LINES = 15
LEAST_LINES = 3
ESCAPE_SECONDS = 0.05  # the rest of an arrow key follows within that; a person's next key does not
KEYS = {
    "\x1b[A": "up",
    "\x1bOA": "up",
    "\x10": "up",
    "\x1b[B": "down",
    "\x1bOB": "down",
    "\x0e": "down",
    "\x1b[5~": "page-up",
    "\x1b[6~": "page-down",
    "\x1b[H": "home",
    "\x1bOH": "home",
    "\x1b[F": "end",
    "\x1bOF": "end",
    "\x7f": "backspace",
    "\x08": "backspace",
    "\x15": "clear",
    "\r": "enter",
    "\n": "enter",
    "\x1b": "escape",
    "\x04": "escape",
}

# ECMA-48: a control sequence ends with a character from @ to ~; else a key is one character.
PIECE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1bO[@-~]|(?s:.)")


@dataclass(frozen=True, slots=True)
class Menu:
    """What the menu shows: its rows, what was typed, and where among the rows that match the cursor is."""

    rows: Sequence[str]
    typed: str = ""
    cursor: int = 0

    @property
    def matching(self) -> list[int]:
        """The rows that have every word that was typed, in any case, as numbers."""
        words = self.typed.casefold().split()
        return [at for at, row in enumerate(self.rows) if all(word in row.casefold() for word in words)]

    def pressed(self, key: str, page: int) -> "Menu":
        """Return the menu after `key`: a name of KEYS, or text; `page` is how many rows are shown."""
        last = max(0, len(self.matching) - 1)
        steps = {"up": -1, "down": 1, "page-up": -page, "page-down": page, "home": -last, "end": last}
        if key in steps:
            return replace(self, cursor=min(last, max(0, self.cursor + steps[key])))
        if key in ("backspace", "clear"):
            return replace(self, typed=self.typed[:-1] if key == "backspace" else "", cursor=0)
        return replace(self, typed=self.typed + key, cursor=0)

    def lines(self, title: str, width: int, page: int) -> list[str]:
        """Return the lines to show, each cut at `width` columns; the row under the cursor begins with >."""
        found = self.matching
        top = min(max(0, self.cursor - page // 2), max(0, len(found) - page))
        shown = [
            f"{'>' if place == self.cursor else ' '} {self.rows[at]}"
            for place, at in enumerate(found[top : top + page], top)
        ]
        count = f"{len(found)} of {len(self.rows)}"
        lines = [f"{title}  {count}", *(shown or ["  nothing matches"]), f"/{self.typed}"]
        return ["".join(filter(str.isprintable, line))[: width - 1] for line in lines]


def choose(rows: Sequence[str], title: str) -> int | None:
    """Return the number of the row that the person chose; None where they left with Esc.

    Reads keys from stdin and draws on stderr, both of them a terminal. Raises KeyboardInterrupt at Ctrl-C.
    """
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    drawn = 0
    try:
        tty.setcbreak(terminal)
        menu = Menu(rows)
        page = _page()
        drawn = _draw(menu.lines(title, shutil.get_terminal_size().columns, page), 0)
        for key in keys(lambda: _read(terminal)):
            page = _page()
            if key == "escape":
                return None
            found = menu.matching
            if key == "enter" and found:
                return found[menu.cursor]
            menu = menu if key == "enter" else menu.pressed(key, page)
            drawn = _draw(menu.lines(title, shutil.get_terminal_size().columns, page), drawn)
        return None
    finally:
        _draw([], drawn)
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def keys(read: Callable[[], bytes]) -> Iterator[str]:
    """Yield each key that `read` gives, by its name in KEYS or as text; what is neither is passed over."""
    while data := read():
        for piece in PIECE.findall(data.decode(errors="ignore")):
            if piece in KEYS:
                yield KEYS[piece]
            elif piece.isprintable():
                yield piece


def _read(terminal: int) -> bytes:
    """Return what one key press sends; an Esc alone only once nothing has followed it."""
    data = os.read(terminal, 64)
    if data == b"\x1b" and select.select([terminal], [], [], ESCAPE_SECONDS)[0]:
        data += os.read(terminal, 64)
    return data


def _page() -> int:
    return max(LEAST_LINES, min(MOST_LINES, shutil.get_terminal_size().lines - 3))


def _draw(lines: Sequence[str], drawn: int) -> int:
    """Draw `lines` where `drawn` lines were; return how many there are. The cursor stays below them."""
    back = f"\x1b[{drawn - 1}A" if drawn > 1 else ""
    sys.stderr.write(f"\r{back}\x1b[J" + "\r\n".join(lines))
    sys.stderr.flush()
    return len(lines)
