"""The table of failures as a whole: making an error of a row, looking a row up, and the documentation.

Must not recognise an exception (recognise does), or ask AWS anything.
"""

import re
import string
from collections.abc import Iterator, Mapping

from rolecall.credentials.failures import identity, login, network, remedy, role
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
    hint = row.hint if about else re.sub(r" --[a-z-]+ \{role\}", "", row.hint)
    commands = _Facts(remedy.of(known["label"]) | known)
    return row.kind(code, about + _filled(row.says, known), hint=_filled(hint, commands))


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
            lines.append(f"| `{code}` | {row.when} | {_documented(row)} |")
    return "\n".join(lines) + "\n"


def _documented(row: Row) -> str:
    """Return what helps, as the documentation says it: the command for keys in `.env`, on Linux.

    Where no command helps it is the end of the message, which says what does.
    """
    known = remedy.of("keys in .env") | {"set_clock": remedy.set_clock("linux", "")}
    hint = _filled(row.hint, _Facts(known | {"role": "ROLE"}))
    advice = _filled(row.says.rpartition("; ")[2], _Facts({"account": "ACCOUNT"}))
    return f"`{hint}`" if hint else advice


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
