"""What setup needs to know for a real account: asked once, checked at once, every question with a flag.

Owns: the questions, their order and their defaults.
Must not: write anything, or let a secret reach argv or a screen.
Called by: the task setup.
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rolecall.errors import UsageError
from rolecall.project import dotenv, roles, schema
from rolecall.project.declared import Declared
from rolecall.system import direnv
from rolecall.system.person import PERSON, Person
from rolecall.workstation.envfile import account
from rolecall.workstation.envfile import answers as answers_
from rolecall.workstation.envfile import edit as envfile
from rolecall.workstation.steps import sample_roles
from rolecall.workstation.steps.step import Context

TRIES = 3


def patiently(question: Callable[[], str]) -> str:
    """Return the answer to `question`; one that cannot be right is explained and asked for again."""
    for _ in range(TRIES - 1):
        try:
            return question()
        except UsageError as problem:
            sys.stderr.write(f"  {problem.message}\n")
    return question()


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that is known before asking: flags, `.env`, the environment, the user's AWS files.

    With `is_again`, what `.env` says is a default and no longer an answer.
    """

    root: Path
    given: Mapping[str, str] = field(repr=False)
    env: Mapping[str, str] = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)
    is_again: bool = False

    def known(self, *names: str) -> str:
        """Return the first of `names` that is answered already."""
        answers = self.given if self.is_again else {**self.env, **self.given}
        return next((answers[name] for name in names if answers.get(name)), "")

    def default(self, *names: str) -> str:
        """Return the first of `names` that `.env` or the environment has."""
        return next(
            (found[name] for found in (self.env, self.environ) for name in names if found.get(name)), ""
        )


def answer(
    root: Path,
    given: Mapping[str, str],
    *,
    is_quiet: bool = False,
    is_again: bool = False,
    environ: Mapping[str, str] = os.environ,
    person: Person = PERSON,
) -> dict[str, str]:
    """Return the values for `.env` of a real account (empty: unset): by flag, found, or asked.

    Raises UsageError naming the flag where something is missing and nobody can (or, with `is_quiet`,
    shall) answer, or where an answer cannot be right.
    """
    known = {name: answers_.check(name, value) for name, value in given.items() if value}
    can_ask = person.can_ask() and not is_quiet
    asked = Asked(root, known, _account_values(root), direnv.reverted(environ), is_again and can_ask)
    return {
        **known,
        **_identity(asked, person, can_ask=can_ask),
        **_role(asked, person, can_ask=can_ask),
        **_region(asked, person, can_ask=can_ask),
    }


def has_account(root: Path) -> bool:
    """Whether `.env`, sandbox or not, knows an identity of a real account."""
    found = _account_values(root)
    return any(found.get(name) for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", dotenv.KEYRING))


def _identity(asked: Asked, person: Person, *, can_ask: bool) -> dict[str, str]:
    """Keys or a profile: by flag, already in `.env`, or asked. A secret is never a flag."""
    if asked.given.get("AWS_PROFILE"):
        return answers_.identity(AWS_PROFILE=asked.given["AWS_PROFILE"])
    key_id = asked.given.get("AWS_ACCESS_KEY_ID", "")
    if not key_id and (asked.known("AWS_PROFILE", dotenv.KEYRING) or _has_keys(asked)):
        return {}
    if not key_id and _begins_at_portal(asked):
        return {}
    if not can_ask:
        return _identity_unasked(asked, key_id)
    if not key_id:
        chosen = _profile(asked, person)
        if chosen not in ("", "-"):
            return answers_.identity(AWS_PROFILE=chosen)
        key_id = patiently(lambda: _key_id(asked, person))
    secret = _secret_for(asked, key_id) or patiently(lambda: _secret(person))
    return answers_.identity(AWS_ACCESS_KEY_ID=key_id, AWS_SECRET_ACCESS_KEY=secret)


def _begins_at_portal(asked: Asked) -> bool:
    """Whether Identity Center gives every declared role, or the one it is reached through: no keys, then."""
    known = _declared(asked).roles
    return bool(known) and all(roles.resolve(known, name).hops[0].sso for name in known)


def _identity_unasked(asked: Asked, key_id: str) -> dict[str, str]:
    key_id = key_id or answers_.lasting_key(asked.environ)[0]
    secret = _secret_for(asked, key_id)
    if key_id and secret:
        return answers_.identity(AWS_ACCESS_KEY_ID=key_id, AWS_SECRET_ACCESS_KEY=secret)
    if key_id:
        raise UsageError(
            "secret-missing",
            "the secret access key is missing, and nobody can answer here",
            hint="set AWS_SECRET_ACCESS_KEY in the environment, or pipe it in with --secret-from-stdin",
        )
    if asked.environ.get("AWS_PROFILE"):
        return answers_.identity(AWS_PROFILE=asked.environ["AWS_PROFILE"])
    raise UsageError(
        "identity-missing",
        "who assumes the role is not known, and nobody can answer here",
        hint="invoke setup --profile NAME, or --access-key-id AKIA… --secret-from-stdin, or try --sandbox",
    )


def _profile(asked: Asked, person: Person) -> str:
    names = answers_.profiles(asked.environ)
    known = f" ({', '.join(names)})" if names else ""
    default = asked.default("AWS_PROFILE") or ("-" if _has_keys_anywhere(asked) or not names else names[0])
    return person.ask(f"A profile of ~/.aws{known}, or - to enter keys", default=default)


def _key_id(asked: Asked, person: Person) -> str:
    """Ask for a key id; the default is shown as its last four characters."""
    known = asked.env.get("AWS_ACCESS_KEY_ID") or answers_.lasting_key(asked.environ)[0]
    shown = f"…{known[-4:]}" if known else ""
    typed = person.ask("Access key id", default=shown)
    return answers_.check("AWS_ACCESS_KEY_ID", known if known and typed == shown else typed)


def _secret(person: Person) -> str:
    return answers_.check(
        "AWS_SECRET_ACCESS_KEY", person.ask_secret("Secret access key (not shown): ").strip()
    )


def _secret_for(asked: Asked, key_id: str) -> str:
    """The secret that is known for this very key id: by flag, or in the environment beside it or alone."""
    if asked.given.get("AWS_SECRET_ACCESS_KEY"):
        return asked.given["AWS_SECRET_ACCESS_KEY"]
    named, secret = answers_.lasting_key(asked.environ)
    return secret if named in ("", key_id) else ""


def _role(asked: Asked, person: Person, *, can_ask: bool) -> dict[str, str]:
    if asked.known("ROLE_ARN") or _declared(asked).roles:
        return {}
    found = asked.default("ROLE_ARN")
    if can_ask:
        return {"ROLE_ARN": patiently(lambda: _checked(person, "ROLE_ARN", "Role ARN", found))}
    if not found:
        raise UsageError(
            "role-missing",
            "no role: envrc.d/roles.toml declares none and ROLE_ARN is not set",
            hint="invoke setup --role-arn arn:aws:iam::111122223333:role/NAME",
        )
    return {"ROLE_ARN": answers_.check("ROLE_ARN", found)}


def _region(asked: Asked, person: Person, *, can_ask: bool) -> dict[str, str]:
    if asked.known("AWS_REGION", "REGION_NAME") or _declared(asked).region:
        return {}
    found = asked.default("AWS_REGION", "REGION_NAME", "AWS_DEFAULT_REGION")
    if can_ask:
        offered = found or "us-east-1"
        return {"AWS_REGION": patiently(lambda: _checked(person, "AWS_REGION", "Region", offered))}
    if not found:
        raise UsageError(
            "region-missing",
            "no region is known, and nobody can answer here",
            hint="invoke setup --region eu-west-1",
        )
    return {"AWS_REGION": answers_.check("AWS_REGION", found)}


def _checked(person: Person, name: str, question: str, default: str) -> str:
    return answers_.check(name, person.ask(question, default=default))


def _has_keys(asked: Asked) -> bool:
    return bool(asked.known("AWS_ACCESS_KEY_ID") and asked.known("AWS_SECRET_ACCESS_KEY"))


def _has_keys_anywhere(asked: Asked) -> bool:
    return bool(asked.env.get("AWS_ACCESS_KEY_ID") or answers_.lasting_key(asked.environ)[0])


def _declared(asked: Asked) -> Declared:
    """Return what roles.toml declares; the sandbox's sample says nothing about an account."""
    if sample_roles.is_sample(Context(asked.root, environ=asked.environ)):
        return Declared()
    return schema.read(asked.root / sample_roles.FILE)


def _account_values(root: Path) -> dict[str, str]:
    """Return what `.env` says of the account, sandbox or not."""
    text = account.read(root / account.FILE)
    if text is None:
        return {}
    if account.is_sandboxed(root):
        text = account.without_sandbox(root, text, None)
    kept = (*envfile.KEYS, "REGION_NAME", dotenv.KEYRING)
    return {name: value for name, value in account.values_of(text).items() if name in kept}
