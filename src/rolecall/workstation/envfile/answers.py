"""What a person enters for a real account: its flags, what it must look like, what the machine can offer.

Owns: the check at entry, and reading the names of the user's profiles.
Must not: ask (questions does), or echo a secret.
Called by: questions, and the task setup.
"""

import configparser
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from rolecall.errors import UsageError
from rolecall.project import dotenv, roles, values
from rolecall.system import direnv, paths

KEY_ID = re.compile(r"A[A-Z0-9]{15,127}")
FLAGS = {
    "AWS_ACCESS_KEY_ID": "--access-key-id",
    "AWS_SECRET_ACCESS_KEY": "--secret-from-stdin",
    "AWS_PROFILE": "--profile",
    "ROLE_ARN": "--role-arn",
    "AWS_REGION": "--region",
}
IDENTITY = (*dotenv.IDENTITY, dotenv.KEYRING)


def check(name: str, value: str) -> str:
    """Return `value` where it can be right. Raises UsageError with its flag; never echoes a secret."""
    flag = FLAGS.get(name, name)
    if name == "ROLE_ARN" and not roles.is_arn(value):
        raise UsageError(
            "role-arn", f"{value!r} is not a role ARN", hint=f"{flag} arn:aws:iam::111122223333:role/NAME"
        )
    if name == "AWS_REGION" and not values.REGION.fullmatch(value):
        raise UsageError("region", f"{value!r} is not a region", hint=f"{flag} eu-west-1")
    if name == "AWS_ACCESS_KEY_ID":
        _check_key_id(value, flag)
    if name == "AWS_SECRET_ACCESS_KEY" and not value:
        raise UsageError("secret-key", "the secret access key is empty", hint=flag)
    if name == "AWS_SECRET_ACCESS_KEY" and (not value.isascii() or any(c.isspace() for c in value)):
        raise UsageError("secret-key", "that is not a secret access key (it has a space in it)", hint=flag)
    return value


def identity(**chosen: str) -> dict[str, str]:
    """Return one identity with everything that would contradict it unset (empty)."""
    return {**dict.fromkeys(IDENTITY, ""), **chosen}


def secret_from(read: Callable[[], str] | None = None) -> str:
    """Return the secret key from one line of stdin."""
    return (read or sys.stdin.readline)().strip()


def lasting_key(environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the environment's long-lived key and its secret; empty where it has none, or temporary ones.

    What direnv exported into this shell does not count: a role is not an identity.
    """
    plain = direnv.reverted(environ)
    key_id, secret = plain.get("AWS_ACCESS_KEY_ID", ""), plain.get("AWS_SECRET_ACCESS_KEY", "")
    return ("", "") if key_id.startswith("ASIA") or plain.get("AWS_SESSION_TOKEN") else (key_id, secret)


def profiles(environ: Mapping[str, str]) -> list[str]:
    """Return the names of the profiles in the user's AWS files; none where they cannot be read."""
    home = paths.home(environ=environ)
    places = (
        Path(environ.get("AWS_CONFIG_FILE") or home / ".aws" / "config"),
        Path(environ.get("AWS_SHARED_CREDENTIALS_FILE") or home / ".aws" / "credentials"),
    )
    found: dict[str, None] = {}
    for place in places:
        for section in _sections(place):
            if section == "default" or place == places[1] or section.startswith("profile "):
                found[section.removeprefix("profile ").strip()] = None
    return list(found)


def _check_key_id(value: str, flag: str) -> None:
    if not KEY_ID.fullmatch(value):
        raise UsageError(
            "key-id", "that is not an access key id", hint=f"{flag} AKIA… (20 capitals and digits)"
        )
    if value.startswith("ASIA"):
        raise UsageError(
            "key-temporary",
            f"…{value[-4:]} is a temporary key: it would be dead within hours",
            hint="use the profile it came from: invoke setup --profile NAME",
        )


def _sections(place: Path) -> list[str]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(place.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return []
    return parser.sections()
