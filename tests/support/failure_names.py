"""What AWS and its SDK raise, made from its names."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import botocore.exceptions

Name = TypeVar("Name")
Names = Mapping[str, Sequence[str]]


def problems(
    answered: Mapping[str, Sequence[tuple[str, str]]], raised: Names, unprovided: Names | None = None
) -> list[tuple[str, Exception]]:
    """Return each row's code with each of its problems.

    By row: the codes and messages that AWS answers with, the names of the SDK's exceptions (those of a login
    are of a later SDK than the oldest), and the names of its credential providers that give nothing.
    """
    found: list[tuple[str, Exception]] = []
    for code, (name, says) in _each(answered):
        response = {"Error": {"Code": name, "Message": says}}
        found.append((code, botocore.exceptions.ClientError(response, "AssumeRole")))
    for code, name in _each(raised):
        assert hasattr(botocore.exceptions, name) or name.startswith("Login"), name
        found.append((code, type(name, (Exception,), {"__module__": "botocore.exceptions"})("x")))
    for code, name in _each(unprovided or {}):
        problem = botocore.exceptions.CredentialRetrievalError(provider=name, error_msg="no")
        found.append((code, problem))
    return found


def _each(rows: Mapping[str, Sequence[Name]]) -> list[tuple[str, Name]]:
    return [(code, one) for code, names in rows.items() for one in names]
