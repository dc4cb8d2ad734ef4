"""Change single keys in the text of a `.env`: the other values, the comments and the order stay.

It also adds the keys that a newer template has. It works on text only, and shows no secret.
"""

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rolecall.credentials.model import masked
from rolecall.system.text import quoting, redaction
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
HEADING = "# Personal values of this project. Never in git, readable by you alone.\n"
OLDER = {"REGION_NAME": "AWS_REGION"}
SETTING = re.compile(r"[ \t]*(?:export[ \t]+)?'?([A-Za-z_][A-Za-z0-9_.-]*)'?[ \t]*=[ \t]*")
UNSET = re.compile(r"#[ \t]*([A-Za-z_][A-Za-z0-9_]*)=[ \t]*")
VALUE = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|(?:(?![ \t]\#)[^\r\n])*""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One setting, comment or blank line, as it is in the file."""

    text: str
    name: str = ""
    is_set: bool = False


def fresh(root: Path, values: Mapping[str, str]) -> str:
    """Return a new `.env` from `env.j2` with `values`; its other keys are commented out."""
    known = {**dict.fromkeys(KEYS, ""), **values}
    text = templates.render(root, "env.j2", values=known)
    return change(text, {name: value for name, value in values.items() if name not in KEYS})


def merged(root: Path, text: str, values: Mapping[str, str | None]) -> str:
    """Return `text` with `values` set (None: unset).

    Where it came from the template, or the team has one of its own, it also gets the keys that only the
    template of today has. An app's `.env` gets nothing that was not asked for.
    """
    is_rendered = is_from_template(text) or (root / "templates/env.j2").is_file()
    return change(_with_new_keys(text, fresh(root, {})) if is_rendered else text, values)


def is_from_template(text: str) -> bool:
    """Return whether setup made this `.env`: it has the template's first line."""
    return HEADING in text


def lines(text: str) -> dict[str, str]:
    """Return the line of each key: the one that counts, or the last that is commented out."""
    pieces = _pieces(text)
    names = dict.fromkeys(piece.name for piece in pieces if piece.name)
    return {name: pieces[at].text for name in names if (at := _position(pieces, name)) is not None}


def restored(text: str, before: Mapping[str, str]) -> str:
    """Return `text` with the line of each key in `before` as it was: empty where there was none."""
    pieces = _pieces(text)
    for name, line in before.items():
        at = _position(pieces, name)
        if at is not None:
            pieces[at : at + 1] = [_Piece(line, name)] if line else []
    return "".join(piece.text for piece in pieces)


def change(text: str, values: Mapping[str, str | None]) -> str:
    """Return `text` with each of `values` set, or commented out where it is None.

    Where a key is set twice, every reader takes the last one, so that one is changed.
    """
    pieces = _pieces(text)
    for name, value in values.items():
        at = _position(pieces, name)
        if value is None:
            commented = _Piece(f"# {name}=\n", name)
            pieces = [commented if piece.is_set and piece.name == name else piece for piece in pieces]
        elif at is None:
            pieces = [*_ended(pieces), _Piece(f"{name}={quoting.dotenv(value, name)}\n", name, is_set=True)]
        else:
            pieces[at] = _set(pieces[at], value)
    return "".join(piece.text for piece in pieces)


def summary(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Return one line for each key that differs between two sets of values; secrets are not shown."""
    added = [f"+ {name}={shown(name, value)}" for name, value in new.items() if name not in old]
    removed = [f"- {name}={shown(name, value)}" for name, value in old.items() if name not in new]
    changed = [name for name in new if name in old and old[name] != new[name]]
    return added + removed + [f"~ {n}={shown(n, old[n])} -> {shown(n, new[n])}" for n in changed]


def is_secret(name: str) -> bool:
    """Return whether the value of `name` is never shown, or written anywhere else."""
    return name == "AWS_ACCESS_KEY_ID" or SECRET.search(name) is not None


def shown(name: str, value: str) -> str:
    """Return the part of a value that may be shown: of a key id four characters, of a secret none."""
    if not value:
        return "(empty)"
    if name == "AWS_ACCESS_KEY_ID":
        return masked(value)
    return "(set)" if SECRET.search(name) else redaction.redacted(value)


def _with_new_keys(text: str, template: str) -> str:
    known = {piece.name for piece in _pieces(text)}
    known |= {newer for older, newer in OLDER.items() if older in known}
    added = "".join(f"\n{block}" for block in _blocks(template, known))
    if not added:
        return text
    return f"{''.join(piece.text for piece in _ended(_pieces(text)))}{added}"


def _blocks(template: str, known: Iterable[str]) -> list[str]:
    """Return the keys of `template` that are not `known`, each with the comment above it."""
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
        cut = original.rfind("\n", 0, lead) + 1
        pieces += _comment_pieces(original[:cut])
        pieces.append(_Piece(original[cut:], binding.key, is_set=True))
    return pieces


def _comment_pieces(text: str) -> list[_Piece]:
    found = []
    for line in text.splitlines(keepends=True):
        unset = UNSET.fullmatch(line.rstrip("\r\n"))
        found.append(_Piece(line, unset[1] if unset else ""))
    return found


def _position(pieces: list[_Piece], name: str) -> int | None:
    """Return where `name` is set last, else where it is commented out last."""
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


def _ended(pieces: list[_Piece]) -> list[_Piece]:
    """Return `pieces` with a line end after the last one."""
    if pieces and not pieces[-1].text.endswith("\n"):
        return [*pieces[:-1], replace(pieces[-1], text=pieces[-1].text + "\n")]
    return pieces
