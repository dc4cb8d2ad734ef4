"""The table of failures as a whole: making an error of a row, looking a row up, and the documentation.

Must not recognise an exception (recognise does), or ask AWS anything.
"""

import re
import string
from collections.abc import Iterator, Mapping

from rolecall.credentials.failures import identity, login, network, role
from rolecall.credentials.failures.row import Row
from rolecall.errors import CredentialError

ROWS: Mapping[str, Row] = {**role.ROWS, **identity.ROWS, **login.ROWS, **network.ROWS}


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def error(code: str, **facts: str | None) -> CredentialError:
    """Return the error `code` of the table, about `role` if it is among the facts, else about nothing."""
    row = ROWS[code]
    known = _Facts({name: value for name, value in facts.items() if value})
    known.setdefault("you", "this identity")
    known.setdefault("label", "the source identity")
    about = f"role {known['role']}: " if known.get("role") else ""
    hint = row.hint if about else row.hint.replace(" --role {role}", "").replace(" of [roles.{role}]", "")
    return row.kind(code, about + _filled(row.says, known), hint=_filled(hint, known))


def answered(code: str, message: str) -> str:
    """Return the row for an error answer of AWS, or nothing. A code with a pattern goes first."""
    return _first(code, message, has_pattern=True) or _first(code, message, has_pattern=False)


def raised(name: str) -> str:
    """Return the row for the SDK's exception `name`, or nothing."""
    return next((code for code, row in ROWS.items() if name in row.raised), "")


def unprovided(provider: str) -> str:
    """Return the row for a credential provider of the SDK's that gave nothing, or nothing."""
    return next((code for code, row in ROWS.items() if provider in row.providers), "")


def table(codes: tuple[str, ...] = ()) -> str:
    """Return the failures (or those of `codes`) as a Markdown table, for the documentation."""
    lines = ["| code | when | what helps |", "|---|---|---|"]
    for code, row in ROWS.items():
        if not codes or code in codes:
            hint = row.hint.replace("{flag}", "").replace("{role}", "ROLE").replace("{session}", "NAME")
            lines.append(f"| `{code}` | {row.when} | {hint.replace('{you}', 'your ARN')} |")
    return "\n".join(lines) + "\n"


def _first(code: str, message: str, *, has_pattern: bool) -> str:
    for ours, known, pattern in _answers():
        if known == code and bool(pattern) is has_pattern and re.search(pattern, message):
            return ours
    return ""


def _answers() -> Iterator[tuple[str, str, str]]:
    for ours, row in ROWS.items():
        for answer in row.answers:
            known, _, pattern = answer.partition(": ")
            yield ours, known, pattern


def _filled(text: str, known: _Facts) -> str:
    return " ".join(string.Formatter().vformat(text, (), known).split())
