"""`.env` merged key by key: a person's values, comments, order and unknown keys stay.

Owns: changing single keys in the text of a `.env`, and adding what a newer template brings.
Must not: write a file, ask anything, or show a value.
Called by: account (the step `env`).
"""

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rolecall.system import quoting
from rolecall.workstation import templates

KEYS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_PROFILE",
    "ROLE_ARN",
    "AWS_REGION",
    "AWS_ENDPOINT_URL",
)
SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|PASSWD|PRIVATE|CREDENTIAL|_KEY$|ACCESS_KEY", re.IGNORECASE)
OLDER = {"REGION_NAME": "AWS_REGION"}
SETTING = re.compile(r"[ \t]*(?:export[ \t]+)?'?([A-Za-z_][A-Za-z0-9_.-]*)'?[ \t]*=[ \t]*")
UNSET = re.compile(r"#[ \t]*([A-Za-z_][A-Za-z0-9_]*)=[ \t]*")
VALUE = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|(?:(?![ \t]\#)[^\r\n])*""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One binding, comment or blank line, as it stands in the file."""

    text: str
    name: str = ""
    is_set: bool = False


def fresh(root: Path, values: Mapping[str, str]) -> str:
    """Return a new `.env` from the project's `env.j2`, `values` filled in, the other keys commented out."""
    known = {**dict.fromkeys(KEYS, ""), **values}
    text = templates.render(root, "env.j2", values=known)
    return change(text, {name: value for name, value in values.items() if name not in KEYS})


def merged(root: Path, text: str, values: Mapping[str, str | None]) -> str:
    """Return `text` with `values` set (None: unset) and what only the template has added."""
    return change(_with_new_keys(text, fresh(root, {})), values)


def change(text: str, values: Mapping[str, str | None]) -> str:
    """Return `text` with each of `values` set, or commented out where it is None; all else as it was.

    Where a key stands twice the last one counts for every reader, so that one is changed.
    """
    pieces = _pieces(text)
    for name, value in values.items():
        at = _position(pieces, name)
        if value is None:
            pieces = [_unset(piece) if piece.is_set and piece.name == name else piece for piece in pieces]
        elif at is None:
            pieces = [*_ended(pieces), _Piece(f"{name}={quoting.dotenv(value, name)}\n", name, is_set=True)]
        else:
            pieces[at] = _set(pieces[at], value)
    return "".join(piece.text for piece in pieces)


def summary(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Return what changes between two sets of values, one line for each key, secrets and key ids cut."""
    lines = [f"+ {name}={shown(name, new[name])}" for name in new if name not in old]
    lines += [f"- {name}={shown(name, old[name])}" for name in old if name not in new]
    lines += [
        f"~ {name}={shown(name, old[name])} -> {shown(name, new[name])}"
        for name in new
        if name in old and old[name] != new[name]
    ]
    return lines


def shown(name: str, value: str) -> str:
    """Return what may be shown of a value: key ids cut to four characters, secrets not at all."""
    if not value:
        return "(empty)"
    if name == "AWS_ACCESS_KEY_ID":
        return f"…{value[-4:]}"
    return "(set)" if SECRET.search(name) else value


def _with_new_keys(text: str, template: str) -> str:
    known = {piece.name for piece in _pieces(text)}
    known |= {newer for older, newer in OLDER.items() if older in known}
    added = "".join(f"\n{block}" for block in _blocks(template, known))
    if not added:
        return text
    return f"{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{added}"


def _blocks(template: str, known: Iterable[str]) -> list[str]:
    """Return the template's keys that are not `known`, each with the comment above it."""
    blocks: list[str] = []
    comment = ""
    for piece in _pieces(template):
        if not piece.name:
            comment = comment + piece.text if piece.text.strip() else ""
        elif piece.name not in known:
            blocks.append(comment + piece.text)
            comment = ""
    return blocks


def _pieces(text: str) -> list[_Piece]:
    from dotenv.parser import parse_stream

    pieces: list[_Piece] = []
    for binding in parse_stream(io.StringIO(text, newline="")):
        original = binding.original.string
        if binding.key is None or binding.error:
            pieces += _comment_pieces(original)
            continue
        lead = len(original) - len(original.lstrip())
        before = original[:lead]
        cut = before.rfind("\n") + 1
        pieces += _comment_pieces(before[:cut])
        pieces.append(_Piece(original[cut:], binding.key, is_set=True))
    return pieces


def _comment_pieces(text: str) -> list[_Piece]:
    found = []
    for line in text.splitlines(keepends=True):
        unset = UNSET.fullmatch(line.rstrip("\r\n"))
        found.append(_Piece(line, unset[1] if unset else ""))
    return found


def _position(pieces: list[_Piece], name: str) -> int | None:
    """Return where `name` is set last; failing that where it stands commented out."""
    places = [at for at, piece in enumerate(pieces) if piece.name == name]
    return next((at for at in reversed(places) if pieces[at].is_set), places[-1] if places else None)


def _set(piece: _Piece, value: str) -> _Piece:
    end = "\r\n" if piece.text.endswith("\r\n") else "\n"
    written = quoting.dotenv(value, piece.name)
    head = SETTING.match(piece.text) if piece.is_set else None
    if head is None:
        return _Piece(f"{piece.name}={written}{end}", piece.name, is_set=True)
    old = VALUE.match(piece.text, head.end())
    rest = piece.text[old.end() if old else head.end() :].rstrip("\r\n")
    return _Piece(f"{head[0]}{written}{rest}{end}", piece.name, is_set=True)


def _unset(piece: _Piece) -> _Piece:
    return _Piece(f"# {piece.name}={chr(10)}", piece.name)


def _ended(pieces: list[_Piece]) -> list[_Piece]:
    if pieces and not pieces[-1].text.endswith("\n"):
        return [*pieces[:-1], _Piece(pieces[-1].text + "\n", pieces[-1].name, is_set=pieces[-1].is_set)]
    return pieces
