"""How files differ from what was approved, as lines that a person can trust: in full, nothing hidden."""

import difflib
import hashlib
from collections.abc import Iterator, Mapping

from rolecall.system.text.visible import visible


def changed(before: Mapping[str, bytes], now: Mapping[str, bytes]) -> list[str]:
    """Return the paths of the files that are new, gone or not the same."""
    return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))


def lines(before: Mapping[str, bytes], now: Mapping[str, bytes]) -> Iterator[str]:
    """Yield the difference of each changed file, after a line with its name."""
    for name in changed(before, now):
        old, new = before.get(name), now.get(name)
        verb = "new" if old is None else "gone" if new is None else "changed"
        yield ""
        yield f"=== {visible(name)} ({verb})"
        yield from _of(old or b"", new or b"")


def _of(old: bytes, new: bytes) -> Iterator[str]:
    if b"\0" in old + new:
        yield f"not text: {len(old)} bytes before, {len(new)} now, sha256 {hashlib.sha256(new).hexdigest()}"
        return
    both = (_lines(old), _lines(new))
    yield from (line for line in list(difflib.unified_diff(*both, lineterm="", n=3))[2:])


def _lines(content: bytes) -> list[str]:
    """Return the lines of a file; what follows the last line break counts as a line of its own kind."""
    *whole, last = content.decode(errors="backslashreplace").split("\n")
    ends = [f"{last}<no line break at the end>"] if last else []
    return [visible(line) for line in (*whole, *ends)]
