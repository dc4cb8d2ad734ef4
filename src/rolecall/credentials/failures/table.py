"""What can go wrong between here and a session: one table of causes, each with its next command.

Owns: making an error of a row, and the README's table.
Must not: recognise a failure (diagnosis does), or ask AWS anything.
Called by: diagnosis, sso, mfa, the keyring.
"""

import string
from collections.abc import Mapping

from rolecall.credentials.failures import network, refusals
from rolecall.credentials.failures.network import Row
from rolecall.errors import CredentialError

ROWS: Mapping[str, Row] = {**refusals.ROLE, **refusals.IDENTITY, **refusals.LOGINS, **network.ROWS}


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


def table() -> str:
    """Return the failures as a Markdown table, for the README."""
    lines = ["| code | when | what helps |", "|---|---|---|"]
    for code, row in ROWS.items():
        hint = row.hint.replace("{flag}", "").replace("{role}", "ROLE").replace("{session}", "NAME")
        lines.append(f"| `{code}` | {row.when} | {hint.replace('{you}', 'your ARN')} |")
    return "\n".join(lines) + "\n"


def _filled(text: str, known: _Facts) -> str:
    return " ".join(string.Formatter().vformat(text, (), known).split())
