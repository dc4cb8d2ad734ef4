"""A long text page by page on a terminal, without a program that could read it otherwise."""

import shutil
import sys
from collections.abc import Callable, Sequence

from rolecall.system.person import person

LEAST_ROWS = 5


def show(
    lines: Sequence[str],
    *,
    write: Callable[[str], object] = sys.stderr.write,
    read: Callable[[str], str] = input,
    is_paged: bool | None = None,
) -> bool:
    """Show `lines`, a page at a time where a person can answer; return whether all was shown."""
    width, height = shutil.get_terminal_size()
    room = max(LEAST_ROWS, height - 2)
    left = room
    for number, line in enumerate(lines):
        rows = max(1, -(-len(line.expandtabs()) // max(1, width)))
        if left < rows and left < room and (person.can_ask() if is_paged is None else is_paged):
            if (
                person.ask(f"-- line {number} of {len(lines)}: Enter for more, q to stop --", read=read)
                == "q"
            ):
                return False
            left = room
        write(f"{line}\n")
        left -= rows
    return True
