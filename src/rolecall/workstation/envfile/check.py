"""Check the values that a person enters for a real account, and name the flag of a wrong one.

A message never contains a secret.
"""

import re

from rolecall.errors import UsageError
from rolecall.project import roles
from rolecall.project.roles_toml import values
from rolecall.system.text.secret import Secret

KEY_ID = re.compile(r"A[A-Z0-9]{15,127}")
FLAGS = {
    "AWS_ACCESS_KEY_ID": "--access-key-id",
    "AWS_SECRET_ACCESS_KEY": "--secret-from-stdin",
    "AWS_PROFILE": "--profile",
    "ROLE_ARN": "--role-arn",
    "AWS_REGION": "--region",
}


def value(name: str, entered: str) -> str:
    """Return `entered` where it can be right. Raises UsageError with the flag of `name`."""
    again = f"invoke setup {FLAGS.get(name, '')}"
    if name == "ROLE_ARN" and not roles.is_arn(entered):
        raise UsageError(
            "role-arn", f"{entered!r} is not a role ARN", hint=f"{again} arn:aws:iam::111122223333:role/NAME"
        )
    if name == "AWS_REGION" and not values.REGION.fullmatch(entered):
        raise UsageError("region", f"{entered!r} is not a region", hint=f"{again} eu-west-1")
    if name == "AWS_ACCESS_KEY_ID":
        _check_key_id(entered, again)
    if name == "AWS_SECRET_ACCESS_KEY" and not entered:
        raise UsageError("secret-key", "the secret access key is empty", hint=again)
    if name == "AWS_SECRET_ACCESS_KEY" and (not entered.isascii() or any(map(str.isspace, entered))):
        raise UsageError(
            "secret-key", "that is not a secret access key: it has a space or a special character", hint=again
        )
    if name == "AWS_SECRET_ACCESS_KEY":
        Secret(entered)  # from now on it is taken out of every message
    return entered


def _check_key_id(entered: str, again: str) -> None:
    if not KEY_ID.fullmatch(entered):
        raise UsageError(
            "key-id",
            "that is not an access key id (AKIA and 16 capital letters or digits)",
            hint=f"{again} AKIA…",
        )
    if entered.startswith("ASIA"):
        raise UsageError(
            "key-temporary",
            f"…{entered[-4:]} is a temporary key and expires within hours; use the profile that it came from",
            hint="invoke setup --profile NAME",
        )
