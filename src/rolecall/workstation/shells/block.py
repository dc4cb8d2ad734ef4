"""Our block in a file of the user's: found by its markers, put in, replaced in place, taken out to the byte.

Owns: the marker lines and the hash in them.
Must not: read or write files, or know what is in the block.
Called by: shells, and anything else that adds lines to a file it does not own.

Text is decoded with `surrogateescape`, so bytes of any encoding come back as they were.
"""

import hashlib
import re
from dataclasses import dataclass

HASH_DIGITS = 16
BEGIN = re.compile(r"^# >>> rolecall >>>(?: ([0-9a-f]+))?[ \t]*\r?$", re.MULTILINE)
END = re.compile(r"^# <<< rolecall <<<[ \t]*(?:\r?\n|\r?$)", re.MULTILINE)


class CorruptedError(ValueError):
    """The markers do not enclose exactly one block; the message says what is there."""


@dataclass(frozen=True, slots=True)
class Block:
    """Where a block lies in a text, and whether its body is still what its hash says."""

    start: int
    end: int
    body: str
    is_edited: bool


def wrapped(body: str) -> str:
    """Return `body` between the markers."""
    return f"# >>> rolecall >>> {_digest(body)}\n{body}# <<< rolecall <<<\n"


def find(text: str) -> Block | None:
    """Return the block in `text`, or None. Raises CorruptedError where the markers make no sense."""
    begins, ends = list(BEGIN.finditer(text)), list(END.finditer(text))
    if not begins and not ends:
        return None
    if len(begins) > 1 and len(begins) == len(ends):
        raise CorruptedError(f"{len(begins)} rolecall blocks")
    if len(begins) != 1 or len(ends) != 1 or ends[0].start() < begins[0].end():
        raise CorruptedError("half a rolecall block")
    body = text[begins[0].end() + 1 : ends[0].start()]
    return Block(begins[0].start(), ends[0].end(), body, begins[0][1] != _digest(body))


def put(text: str, body: str) -> str:
    """Return `text` with the block in it: in place of an older one, else at the end."""
    block = find(text)
    if block:
        return text[: block.start] + wrapped(body) + text[block.end :]
    return text + needed_newline(text) + wrapped(body)


def needed_newline(text: str) -> str:
    """Return the newline that must come before a block at the end of `text`."""
    return "" if not text or text.endswith("\n") else "\n"


def take(text: str, *, has_added_newline: bool) -> str:
    """Return `text` without the block; the newline put before it goes too, unless something follows now."""
    block = find(text)
    if block is None:
        return text
    before, after = text[: block.start], text[block.end :]
    if has_added_newline and not after:
        before = before.removesuffix("\n")
    return before + after


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode(errors="surrogateescape")).hexdigest()[:HASH_DIGITS]
