"""What setup needs to know for a real account: asked once, checked at once, every question with a flag.

Owns: the questions, their defaults, and what an answer must look like.
Must not: write anything, or let a secret reach argv or a screen.
Called by: the task setup.
"""

import configparser
import getpass
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rolecall.errors import UsageError
from rolecall.project import roles, schema, values
from rolecall.system import direnv, paths, terminal
from rolecall.workstation import account, envfile, sample
from rolecall.workstation.steps import Context

KEY_ID = re.compile(r"A[A-Z0-9]{15,127}")
FLAGS = {
    "AWS_ACCESS_KEY_ID": "--access-key-id",
    "AWS_SECRET_ACCESS_KEY": "--secret-from-stdin",
    "AWS_PROFILE": "--profile",
    "ROLE_ARN": "--role-arn",
    "AWS_REGION": "--region",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Whom we ask: whether somebody is there, and how a line and a secret are read."""

    is_there: Callable[[], bool] = terminal.can_ask
    ask: Callable[..., str] = terminal.ask
    ask_secret: Callable[[str], str] = getpass.getpass


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that is known before asking: flags, `.env`, the environment, the user's AWS files."""

    root: Path
    given: Mapping[str, str] = field(repr=False)
    env: Mapping[str, str] = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)


def answer(
    root: Path,
    given: Mapping[str, str],
    *,
    is_quiet: bool = False,
    environ: Mapping[str, str] = os.environ,
    person: Person | None = None,
) -> dict[str, str]:
    """Return the values for `.env` of a real account: `given` by flags, the rest found or asked.

    Raises UsageError naming the flag where something is missing and nobody can (or, with `is_quiet`,
    shall) answer, or where an answer cannot be right.
    """
    known = {name: value for name, value in given.items() if value}
    for name, value in known.items():
        check(name, value)
    plain = direnv.reverted(environ)
    asked = Asked(root, known, _account_values(root), plain)
    somebody = person or Person()
    can_ask = somebody.is_there() and not is_quiet
    return {
        **known,
        **_identity(asked, somebody, can_ask=can_ask),
        **_role(asked, somebody, can_ask=can_ask),
        **_region(asked, somebody, can_ask=can_ask),
    }


def check(name: str, value: str) -> str:
    """Return `value` where it can be right. Raises UsageError with its flag; never echoes a secret."""
    flag = FLAGS.get(name, name)
    if name == "ROLE_ARN" and not roles.ARN.fullmatch(value):
        raise UsageError(
            "role-arn", f"{value!r} is not a role ARN", hint=f"{flag} arn:aws:iam::111122223333:role/NAME"
        )
    if name == "AWS_REGION" and not values.REGION.fullmatch(value):
        raise UsageError("region", f"{value!r} is not a region", hint=f"{flag} eu-west-1")
    if name == "AWS_ACCESS_KEY_ID" and not KEY_ID.fullmatch(value):
        raise UsageError(
            "key-id", "that is not an access key id", hint=f"{flag} AKIA… (20 capitals and digits)"
        )
    if name == "AWS_SECRET_ACCESS_KEY" and (not value.isascii() or any(c.isspace() for c in value)):
        raise UsageError("secret-key", "that is not a secret access key (it has a space in it)", hint=flag)
    return value


def secret_from(stream: Callable[[], str] = sys.stdin.readline) -> str:
    """Return the secret key from one line of stdin."""
    return stream().strip()


def profiles(environ: Mapping[str, str]) -> list[str]:
    """Return the names of the profiles in the user's AWS files; none where they cannot be read."""
    home = paths.home(environ=environ)
    places = (
        Path(environ.get("AWS_CONFIG_FILE") or home / ".aws" / "config"),
        Path(environ.get("AWS_SHARED_CREDENTIALS_FILE") or home / ".aws" / "credentials"),
    )
    found: dict[str, None] = {}
    for place in places:
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(place.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, configparser.Error):
            continue
        for section in parser.sections():
            if section == "default" or place.name == "credentials" or section.startswith("profile "):
                found[section.removeprefix("profile ").strip()] = None
    return list(found)


def _identity(asked: Asked, person: Person, *, can_ask: bool) -> dict[str, str]:
    """Keys or a profile: given, already in `.env`, or asked. A secret is never a flag."""
    if asked.given.get("AWS_PROFILE"):
        return {}
    key_id = asked.given.get("AWS_ACCESS_KEY_ID", "")
    if not key_id and _has_identity(asked.env):
        return {}
    if not can_ask:
        return _identity_unasked(asked, key_id)
    if not key_id:
        names = profiles(asked.environ)
        known = f" (profiles: {', '.join(names)})" if names else ""
        default = asked.environ.get("AWS_PROFILE") or (names[0] if names else "")
        chosen = person.ask(f"A profile of ~/.aws, or - to enter keys{known}", default=default or "-")
        if chosen not in ("", "-"):
            return {"AWS_PROFILE": chosen}
        key_id = check(
            "AWS_ACCESS_KEY_ID",
            person.ask("Access key id", default=asked.environ.get("AWS_ACCESS_KEY_ID", "")),
        )
    secret = asked.given.get("AWS_SECRET_ACCESS_KEY") or _matching_secret(asked, key_id)
    secret = secret or person.ask_secret("Secret access key (not shown): ")
    return {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": check("AWS_SECRET_ACCESS_KEY", secret)}


def _identity_unasked(asked: Asked, key_id: str) -> dict[str, str]:
    key_id = key_id or asked.environ.get("AWS_ACCESS_KEY_ID", "")
    secret = asked.given.get("AWS_SECRET_ACCESS_KEY") or _matching_secret(asked, key_id)
    if key_id and secret:
        return {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret}
    if key_id:
        raise UsageError(
            "secret-missing",
            "the secret access key is missing, and nobody can answer here",
            hint="set AWS_SECRET_ACCESS_KEY in the environment, or pipe it in with --secret-from-stdin",
        )
    if asked.environ.get("AWS_PROFILE"):
        return {"AWS_PROFILE": asked.environ["AWS_PROFILE"]}
    raise UsageError(
        "identity-missing",
        "who assumes the role is not known, and nobody can answer here",
        hint="invoke setup --profile NAME, or --access-key-id AKIA… --secret-from-stdin, or try --sandbox",
    )


def _role(asked: Asked, person: Person, *, can_ask: bool) -> dict[str, str]:
    if asked.given.get("ROLE_ARN") or asked.env.get("ROLE_ARN") or _declared(asked).roles:
        return {}
    found = asked.environ.get("ROLE_ARN", "")
    if can_ask:
        found = person.ask("Role ARN", default=found)
    if not found:
        raise UsageError(
            "role-missing",
            "no role: envrc.d/roles.toml declares none and ROLE_ARN is not set",
            hint="invoke setup --role-arn arn:aws:iam::111122223333:role/NAME",
        )
    return {"ROLE_ARN": check("ROLE_ARN", found)}


def _region(asked: Asked, person: Person, *, can_ask: bool) -> dict[str, str]:
    known = asked.env.get("AWS_REGION") or asked.env.get("REGION_NAME")
    if asked.given.get("AWS_REGION") or known or _declared(asked).region:
        return {}
    found = asked.environ.get("AWS_REGION") or asked.environ.get("AWS_DEFAULT_REGION", "")
    if can_ask:
        found = person.ask("Region", default=found or "us-east-1")
    if not found:
        raise UsageError(
            "region-missing",
            "no region is known, and nobody can answer here",
            hint="invoke setup --region eu-west-1",
        )
    return {"AWS_REGION": check("AWS_REGION", found)}


def _has_identity(env: Mapping[str, str]) -> bool:
    return bool(env.get("AWS_PROFILE") or (env.get("AWS_ACCESS_KEY_ID") and env.get("AWS_SECRET_ACCESS_KEY")))


def _matching_secret(asked: Asked, key_id: str) -> str:
    """The environment's secret, where it belongs to this very key id, or to none that is named there."""
    named = asked.environ.get("AWS_ACCESS_KEY_ID", "")
    return asked.environ.get("AWS_SECRET_ACCESS_KEY", "") if named in ("", key_id) else ""


def _declared(asked: Asked) -> schema.Declared:
    """Return what roles.toml declares; the sandbox's sample says nothing about an account."""
    if sample.is_sample(Context(asked.root, environ=asked.environ)):
        return schema.Declared()
    return schema.read(asked.root / sample.FILE)


def _account_values(root: Path) -> dict[str, str]:
    """Return what `.env` says of the account, sandbox or not."""
    text = account.read(root / account.FILE)
    if text is None:
        return {}
    if account.is_sandboxed(root):
        text = account.without_sandbox(root, text, None)
    return {
        name: value
        for name, value in account.values_of(text).items()
        if name in (*envfile.KEYS, "REGION_NAME")
    }
