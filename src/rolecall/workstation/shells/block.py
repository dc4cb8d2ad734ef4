"""Add rolecall's block to the text of a user's file, replace it, and remove it again to the byte.

The block is found by its marker lines; the hash in them shows whether somebody edited it. Text is decoded
with `surrogateescape`, so bytes of any encoding come back as they were.
"""

import re
from dataclasses import dataclass

from rolecall.system.disk import files

HASH_DIGITS = 16
BEGIN = re.compile(r"^# >>> rolecall >>>(?: ([0-9a-f]+))?[ \t]*\r?$", re.MULTILINE)
END = re.compile(r"^# <<< rolecall <<<[ \t]*(?:\r?\n|\r?$)", re.MULTILINE)


class CorruptedError(ValueError):
    """The markers do not enclose exactly one block; the message says what they do."""


@dataclass(frozen=True, slots=True)
class Block:
    """The place of a block in a text, and whether its body was edited."""

    start: int
    end: int
    body: str
    is_edited: bool


def wrapped(body: str) -> str:
    """Return `body` between the markers."""
    return f"# >>> rolecall >>> {_digest(body)}\n{body}# <<< rolecall <<<\n"


def find(text: str) -> Block | None:
    """Return the block in `text`, or None. Raises CorruptedError where markers are missing or doubled."""
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
    """Return `text` with the block in the place of an older one, else at the end."""
    block = find(text)
    if block:
        return text[: block.start] + wrapped(body) + text[block.end :]
    return text + needed_newline(text) + wrapped(body)


def needed_newline(text: str) -> str:
    """Return the newline that `text` needs before a block at its end; empty where it needs none."""
    return "" if not text or text.endswith("\n") else "\n"


def take(text: str, *, has_added_newline: bool) -> str:
    """Return `text` without the block; an added newline goes too, unless lines follow by now."""
    block = find(text)
    if block is None:
        return text
    before, after = text[: block.start], text[block.end :]
    if has_added_newline and not after:
        before = before.removesuffix("\n")
    return before + after


def _digest(body: str) -> str:
    return files.sha256(body)[:HASH_DIGITS]
