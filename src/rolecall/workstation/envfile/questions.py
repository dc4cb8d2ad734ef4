"""Ask what setup needs for a real account. Every question has a flag, and every answer is checked at once.

A secret is read from the terminal without echo, from stdin or from the environment, and never from a flag.
"""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn, TypeVar

from rolecall.credentials.model import masked
from rolecall.errors import UsageError
from rolecall.project.env_file import dotenv
from rolecall.system.person.person import PERSON, Person
from rolecall.system.programs import direnv
from rolecall.system.text.frames import without_locals
from rolecall.system.text.secret import Hidden
from rolecall.workstation.envfile import check, keys_place, known
from rolecall.workstation.envfile.known import Known

TRIES = 3
T = TypeVar("T")
IDENTITY = (*dotenv.IDENTITY, dotenv.KEYRING)


@without_locals
def answer(
    root: Path,
    given: Mapping[str, str],
    *,
    is_quiet: bool = False,
    is_again: bool = False,
    roles: str = "",
    suggested: str = "",
    is_keyring: bool = False,
    environ: Mapping[str, str] = os.environ,
    person: Person = PERSON,
) -> dict[str, str]:
    """Return the values for `.env` of a real account (empty: unset) from flags, the machine, or the person.

    `roles` is a roles.toml that is still to be written, and `suggested` the profile that assumes its roles.
    With `is_keyring`, keys go into the OS keyring.

    Raises UsageError naming the flag where a value is missing and nobody can be asked (or, with
    `is_quiet`, nobody should be), and where an answer cannot be right.
    """
    flags = {name: check.value(name, value) for name, value in given.items() if value}
    asker = person if person.can_ask() and not is_quiet else None
    found = Known(
        root,
        flags,
        known.account_values(root),
        direnv.reverted(environ),
        is_again and asker is not None,
        roles,
        suggested,
    )
    chosen = keys_place.chosen(root, _identity(found, asker), asker, is_keyring=is_keyring)
    return Hidden({**flags, **chosen, **_role(found, asker), **_region(found, asker)})


def is_known(
    root: Path,
    given: Mapping[str, str],
    *,
    is_again: bool,
    roles: str,
    environ: Mapping[str, str] = os.environ,
) -> bool:
    """Return whether it is known who assumes the role, so that nobody is asked and no keyring gets a key."""
    found = Known(root, given, known.account_values(root), direnv.reverted(environ), is_again, roles)
    return bool(given.get("AWS_PROFILE")) or _is_answered(found)


def secret_from_stdin() -> str:
    """Return the secret access key from one line of stdin."""
    return sys.stdin.readline().strip()


def _identity(found: Known, person: Person | None) -> dict[str, str]:
    """Return keys or a profile; empty where neither is needed."""
    if found.given.get("AWS_PROFILE"):
        return _only(AWS_PROFILE=found.given["AWS_PROFILE"])
    key_id = found.given.get("AWS_ACCESS_KEY_ID", "")
    if _is_answered(found):
        return {}
    if person is None:
        return _identity_unasked(found, key_id)
    if not key_id:
        profile = until_valid(lambda: _profile(found, person), person)
        if profile not in ("", "-"):
            return _only(AWS_PROFILE=profile)
        key_id = until_valid(lambda: _key_id(found, person), person)
    secret = found.secret_for(key_id) or until_valid(lambda: _secret(person), person)
    return _only(AWS_ACCESS_KEY_ID=key_id, AWS_SECRET_ACCESS_KEY=secret)


def _is_answered(found: Known) -> bool:
    """Return whether `.env` or the role itself says who assumes it, and no flag says something else."""
    if found.given.get("AWS_ACCESS_KEY_ID"):
        return False
    return bool(found.answer("AWS_PROFILE", dotenv.KEYRING) or found.has_keys or found.begins_at_portal)


def _only(**chosen: str) -> dict[str, str]:
    """Return one identity, with every value that would contradict it unset (empty)."""
    return {**dict.fromkeys(IDENTITY, ""), **chosen}


def _identity_unasked(found: Known, key_id: str) -> dict[str, str]:
    key_id = key_id or known.long_lived_key(found.environ)[0]
    secret = found.secret_for(key_id)
    if key_id and secret:
        return _only(AWS_ACCESS_KEY_ID=key_id, AWS_SECRET_ACCESS_KEY=secret)
    if key_id:
        raise UsageError(
            "secret-missing",
            "the secret access key is missing, and nobody can answer here; set AWS_SECRET_ACCESS_KEY,"
            " or write it to stdin with --secret-from-stdin",
            hint=f"invoke setup --access-key-id {key_id} --secret-from-stdin",
        )
    if profile := found.environ.get("AWS_PROFILE") or found.suggested:
        return _only(AWS_PROFILE=profile)
    raise UsageError(
        "identity-missing",
        "rolecall does not know who assumes the role, and nobody can answer here; give --profile,"
        " or --access-key-id with --secret-from-stdin, or try --sandbox",
        hint="invoke setup --profile NAME",
    )


def _profile(found: Known, person: Person) -> str:
    names = known.profiles(found.environ)
    shown = f" ({', '.join(names)})" if names else ""
    default = found.default("AWS_PROFILE") or found.suggested
    default = default or ("-" if found.default_key_id or not names else names[0])
    typed = person.ask(f"A profile of ~/.aws{shown}, or - to enter keys", default=default)
    if typed not in ("", "-", *names):
        raise UsageError("profile-missing", f"there is no profile {typed}", hint="invoke setup --ask")
    return typed


def _key_id(found: Known, person: Person) -> str:
    """Ask for a key id; the default is shown as its last four characters."""
    default = found.default_key_id
    shown = masked(default) if default else ""
    typed = person.ask("Access key id", default=shown)
    return check.value("AWS_ACCESS_KEY_ID", default if default and typed == shown else typed)


def _secret(person: Person) -> str:
    typed = person.ask_secret("Secret access key (not shown): ")
    return check.value("AWS_SECRET_ACCESS_KEY", typed.strip())


def _role(found: Known, person: Person | None) -> dict[str, str]:
    if found.answer("ROLE_ARN") or found.declared.roles:
        return {}
    return _asked("ROLE_ARN", "Role ARN", person, found.default("ROLE_ARN")) or _missing(
        "role-missing",
        "no role: envrc.d/roles.toml declares none and ROLE_ARN is not set",
        "invoke setup --role-arn arn:aws:iam::111122223333:role/NAME",
    )


def _region(found: Known, person: Person | None) -> dict[str, str]:
    if found.answer("AWS_REGION", "REGION_NAME") or found.declared.region:
        return {}
    default = found.default("AWS_REGION", "REGION_NAME", "AWS_DEFAULT_REGION")
    return _asked("AWS_REGION", "Region", person, default or ("us-east-1" if person else "")) or _missing(
        "region-missing", "no region is known, and nobody can answer here", "invoke setup --region eu-west-1"
    )


def _asked(name: str, question: str, person: Person | None, default: str) -> dict[str, str]:
    """Return the checked answer, or without a person the checked default; empty where there is neither."""
    if person is not None:
        ask = person.ask
        return {name: until_valid(lambda: check.value(name, ask(question, default=default)), person)}
    return {name: check.value(name, default)} if default else {}


def _missing(code: str, message: str, hint: str) -> NoReturn:
    raise UsageError(code, message, hint=hint)


def until_valid(question: Callable[[], T], person: Person) -> T:
    """Return a valid answer to `question`; a wrong one is explained and asked for again, TRIES times."""
    for _ in range(TRIES - 1):
        try:
            return question()
        except UsageError as problem:
            person.say(problem.message)
    return question()
