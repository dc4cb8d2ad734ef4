"""Where the long-lived keys are kept: the OS keyring, or `.env`, which is an app's too.

Must not show a secret.
"""

from collections.abc import Mapping
from pathlib import Path

from rolecall.errors import CredentialError, UsageError
from rolecall.project.env_file import dotenv
from rolecall.system.person.person import PERSON, Person
from rolecall.system.text.secret import Secret
from rolecall.workstation.envfile import readers

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def chosen(
    root: Path, identity: Mapping[str, str], person: Person | None, *, is_keyring: bool
) -> dict[str, str]:
    """Return `identity` as it goes into `.env`: with the keys, or with their name in the keyring instead.

    Raises CredentialError where the keyring was asked for by a flag and cannot be used.
    """
    found = dict(identity)
    if not all(found.get(name) for name in KEYS):
        return found
    if is_keyring:
        return _stored(found)
    others = readers.of(root)
    if not others:
        return found
    names = ", ".join(others)
    if person is None:
        PERSON.say(f".env is also read by {names}: they see the keys (try: invoke login --keyring)")
        return found
    return _asked(found, names, person)


def _asked(found: dict[str, str], names: str, person: Person) -> dict[str, str]:
    question = f"Keep the keys in the OS keyring? .env is also read by {names} [Y/n]"
    if person.ask(question).lower() not in ("n", "no"):
        try:
            return _stored(found)
        except CredentialError as problem:
            person.say(f"{problem}")
    if person.ask(f"Write them to .env then, where {names} can read them? [y/N]").lower() in ("y", "yes"):
        return found
    raise UsageError("not-confirmed", "no keys were written", hint="invoke setup --profile NAME")


def _stored(found: dict[str, str]) -> dict[str, str]:
    from rolecall.credentials.identity import keyring

    name = keyring.store(found["AWS_ACCESS_KEY_ID"], Secret(found["AWS_SECRET_ACCESS_KEY"]))
    return {**found, **dict.fromkeys(KEYS, ""), dotenv.KEYRING: name}
