"""What AWS and its SDK raise, by name: which row of the table of failures it becomes."""

from collections.abc import Iterable

import botocore.exceptions

from rolecall.credentials.failures import recognise


def answered(answers: Iterable[tuple[str, str]]) -> set[str]:
    """Return the rows of errors that AWS answers with, each a code and a message."""
    responses = ({"Error": {"Code": code, "Message": message}} for code, message in answers)
    return {recognise.code_of(botocore.exceptions.ClientError(one, "AssumeRole")) for one in responses}


def raised(names: Iterable[str]) -> set[str]:
    """Return the rows of exceptions of the SDK. Those of a login are of a later SDK than the oldest."""
    for name in names:
        assert hasattr(botocore.exceptions, name) or name.startswith("Login"), name
    own = {"__module__": "botocore.exceptions"}
    return {recognise.code_of(type(name, (Exception,), own)("x")) for name in names}


def unprovided(names: Iterable[str]) -> set[str]:
    """Return the rows of credential providers of the SDK that give nothing."""
    problem = botocore.exceptions.CredentialRetrievalError
    return {recognise.code_of(problem(provider=name, error_msg="no")) for name in names}
