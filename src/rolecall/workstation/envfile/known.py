"""Everything setup knows before it asks: flags, `.env`, the environment, and the user's AWS files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rolecall.credentials.identity import profile_text
from rolecall.project import roles
from rolecall.project.declared import Declared
from rolecall.project.env_file import dotenv
from rolecall.project.roles_toml import reader
from rolecall.system.disk import files
from rolecall.system.programs import direnv
from rolecall.system.text.frames import without_locals
from rolecall.system.text.secret import Hidden
from rolecall.workstation.envfile import account, edit
from rolecall.workstation.project import roles_file
from rolecall.workstation.steps.step import Context


@dataclass(frozen=True, slots=True)
class Known:
    """The values that need no question. With `is_again`, a value of `.env` is only a default.

    `roles` is the text of a roles.toml that is still to be written, `suggested` the profile that assumes its
    roles.
    """

    root: Path
    given: Mapping[str, str] = field(repr=False)
    env: Mapping[str, str] = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)
    is_again: bool = False
    roles: str = ""
    suggested: str = ""

    def answer(self, *names: str) -> str:
        """Return the first of `names` that a flag or `.env` answers already."""
        answers = self.given if self.is_again else {**self.env, **self.given}
        return next((answers[name] for name in names if answers.get(name)), "")

    def default(self, *names: str) -> str:
        """Return the first of `names` that `.env` or the environment has."""
        places = (self.env, self.environ)
        return next((place[name] for place in places for name in names if place.get(name)), "")

    @property
    def has_keys(self) -> bool:
        """Whether a key id and its secret are answered."""
        return bool(self.answer("AWS_ACCESS_KEY_ID") and self.answer("AWS_SECRET_ACCESS_KEY"))

    @property
    def default_key_id(self) -> str:
        """The key id to offer: the one in `.env`, else the environment's."""
        return self.env.get("AWS_ACCESS_KEY_ID") or long_lived_key(self.environ)[0]

    @property
    def declared(self) -> Declared:
        """The contents of roles.toml; the sandbox's sample says nothing about an account."""
        if self.roles:
            return reader.parse(roles_file.FILE, self.roles)
        if roles_file.is_sample(Context(self.root, environ=self.environ)):
            return Declared()
        return reader.read(self.root / roles_file.FILE)

    @property
    def begins_at_portal(self) -> bool:
        """Whether Identity Center gives every declared role, or the first role of its chain."""
        known = self.declared.roles
        return bool(known) and all(roles.resolve(known, name).hops[0].sso for name in known)

    def secret_for(self, key_id: str) -> str:
        """Return the secret of exactly this key id, from a flag or from the environment."""
        if self.given.get("AWS_SECRET_ACCESS_KEY"):
            return self.given["AWS_SECRET_ACCESS_KEY"]
        found, secret = long_lived_key(self.environ)
        return secret if found in ("", key_id) else ""


def long_lived_key(environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the environment's key id and secret; both empty where they are temporary or absent.

    Keys that direnv exported into this shell do not count: they belong to a role, not to an identity.
    """
    plain = direnv.reverted(environ)
    key_id, secret = plain.get("AWS_ACCESS_KEY_ID", ""), plain.get("AWS_SECRET_ACCESS_KEY", "")
    return ("", "") if key_id.startswith("ASIA") or plain.get("AWS_SESSION_TOKEN") else (key_id, secret)


def profiles(environ: Mapping[str, str]) -> list[str]:
    """Return the names of the profiles in the user's AWS files, but for those that rolecall serves."""
    texts = (files.read_text(profile_text.path(environ, variable)) or "" for variable in profile_text.FILES)
    found = profile_text.sections(*texts)
    return [name for name, lines in found.items() if not profile_text.is_served(lines)]


@without_locals
def account_values(root: Path) -> dict[str, str]:
    """Return the account's values in `.env`, also while `.env` points at the sandbox."""
    text = account.read(root / account.FILE)
    if text is None:
        return {}
    if account.is_sandboxed(root):
        text = account.without_sandbox(root, text, None)
    kept = (*edit.KEYS, "REGION_NAME", dotenv.KEYRING)
    return Hidden({name: value for name, value in account.values_of(text).items() if name in kept})


def has_account(root: Path) -> bool:
    """Return whether `.env` holds an identity of a real account, also while it points at the sandbox."""
    found = account_values(root)
    return any(found.get(name) for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", dotenv.KEYRING))
