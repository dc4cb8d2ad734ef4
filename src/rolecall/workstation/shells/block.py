"""Rolecall's block in the text of a user's file: added, replaced, and removed again to the byte.

The block is found by its marker lines; the hash in them shows whether somebody edited it. Where the blocks of
several projects share a file, each has a name in its markers, and notes: what its removal has to take back,
which go over to the next block where there is one. Text is decoded with `surrogateescape`, so bytes of any
encoding come back as they were.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from rolecall.system.disk import files

HASH_DIGITS = 16
NAME = r"(?P<name> [!-~]+)?"
BEGIN = re.compile(
    rf"^# >>> rolecall{NAME} >>>(?: (?P<hash>[0-9a-f]+))?(?P<notes>(?: [a-z]+)*)[ \t]*\r?$", re.MULTILINE
)
END = re.compile(rf"^# <<< rolecall{NAME} <<<[ \t]*(?:\r?\n|\r?$)", re.MULTILINE)
JOINED, MADE = "joined", "made"  # the line above had no end; the file was made for this


class CorruptedError(ValueError):
    """The markers do not enclose exactly one block; the message says what they do."""


@dataclass(frozen=True, slots=True)
class Block:
    """The place of a block in a text, whether its body was edited, and its notes."""

    start: int
    end: int
    body: str
    is_edited: bool
    notes: tuple[str, ...] = ()


def wrapped(body: str, name: str = "", notes: Iterable[str] = ()) -> str:
    """Return `body` between the markers."""
    of = f" {name}" if name else ""
    head = " ".join((f"# >>> rolecall{of} >>>", _digest(body), *notes))
    return f"{head}\n{body}# <<< rolecall{of} <<<\n"


def find(text: str, name: str = "") -> Block | None:
    """Return the block of that name in `text`, or None.

    Raises CorruptedError where markers are missing or doubled.
    """
    begins = [found for found in BEGIN.finditer(text) if _name(found) == name]
    ends = [found for found in END.finditer(text) if _name(found) == name]
    if not begins and not ends:
        return None
    if len(begins) > 1 and len(begins) == len(ends):
        raise CorruptedError(f"{len(begins)} rolecall blocks")
    if len(begins) != 1 or len(ends) != 1 or ends[0].start() < begins[0].end():
        raise CorruptedError("half a rolecall block")
    body = text[begins[0].end() + 1 : ends[0].start()]
    notes = tuple(begins[0]["notes"].split())
    return Block(begins[0].start(), ends[0].end(), body, begins[0]["hash"] != _digest(body), notes)


def names(text: str) -> list[str]:
    """Return the names of the blocks in `text`, each once."""
    return list(dict.fromkeys(_name(found) for found in BEGIN.finditer(text)))


def put(text: str, body: str, name: str = "", *, is_new: bool = False, at: int | None = None) -> str:
    """Return `text` with the block in the place of an older one, else at `at`, else at the end.

    `is_new` says that there is no such file yet.
    """
    block = find(text, name)
    if block:
        return text[: block.start] + wrapped(body, name, block.notes) + text[block.end :]
    before, after = (text, "") if at is None else (text[:at], text[at:])
    notes = [JOINED] * bool(needed_newline(before)) + [MADE] * is_new if name else []
    return before + needed_newline(before) + wrapped(body, name, notes) + after


def needed_newline(text: str) -> str:
    """Return the newline that `text` needs before a block at its end; empty where it needs none."""
    return "" if not text or text.endswith("\n") else "\n"


def take(text: str, *, has_added_newline: bool = False, name: str = "") -> str:
    """Return `text` without the block; an added newline goes too, unless lines follow by now."""
    block = find(text, name)
    if block is None:
        return text
    before, after = text[: block.start], text[block.end :]
    following = BEGIN.match(after)
    if block.notes and following:
        after = _noted(after, _name(following), block.notes)
    elif (has_added_newline or JOINED in block.notes) and not after:
        before = before.removesuffix("\n")
    return before + after


def _noted(text: str, name: str, notes: tuple[str, ...]) -> str:
    """Return `text` with `notes` in the markers of the block `name`; of a damaged one nothing is changed."""
    try:
        found = find(text, name)
    except CorruptedError:
        return text
    if found is None or found.is_edited:
        return text
    found = replace(found, notes=tuple(dict.fromkeys((*notes, *found.notes))))
    return text[: found.start] + wrapped(found.body, name, found.notes) + text[found.end :]


def _name(marker: re.Match[str]) -> str:
    return (marker["name"] or "").strip()


def _digest(body: str) -> str:
    return files.sha256(body)[:HASH_DIGITS]
