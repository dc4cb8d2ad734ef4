"""Where a person's long-lived keys are kept: `.env`, the OS keyring, or a profile of the AWS files.

Each place reads its keys and replaces them whole. Must not ask AWS.
"""

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rolecall.credentials.aws import environment as aws_environment
from rolecall.credentials.aws.query.signature import Keys
from rolecall.credentials.identity import keyring
from rolecall.errors import ConfigError
from rolecall.project.declared import Project
from rolecall.project.env_file import dotenv
from rolecall.system.disk import files, paths
from rolecall.system.text.frames import without_locals
from rolecall.system.text.secret import Secret
from rolecall.workstation.envfile import account, edit

ID, SECRET = "aws_access_key_id", "aws_secret_access_key"
SECTION = re.compile(r"^\[([^]]*)\][^\n]*$", re.MULTILINE)


class Place(Protocol):
    """Where one pair of keys is kept."""

    @property
    def name(self) -> str:
        """One word for the place."""

    @property
    def label(self) -> str:
        """The place in words."""

    def read(self) -> Keys:
        """Return the keys that are kept here. Raises RolecallError."""

    def write(self, keys: Keys) -> None:
        """Replace them. Raises RolecallError, and then the ones before still stand."""


@dataclass(frozen=True, slots=True)
class EnvFile:
    """The keys in `.env`."""

    path: Path

    @property
    def name(self) -> str:
        """One word for the place."""
        return f"env:{self.path}"

    @property
    def label(self) -> str:
        """The place in words."""
        return str(self.path)

    @without_locals
    def read(self) -> Keys:
        """Return the keys."""
        values = dotenv.read(self.path)
        return Keys(values.plain["AWS_ACCESS_KEY_ID"], values.secrets["AWS_SECRET_ACCESS_KEY"])

    @without_locals
    def write(self, keys: Keys) -> None:
        """Replace both lines in one step; every other line stays."""
        _change(self.path, {"AWS_ACCESS_KEY_ID": keys.key_id, "AWS_SECRET_ACCESS_KEY": keys.secret.reveal()})


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys in the OS keyring, which `.env` points at."""

    path: Path

    @property
    def name(self) -> str:
        """One word for the place."""
        return f"keyring:{self.path}"

    @property
    def label(self) -> str:
        """The place in words."""
        return "the OS keyring"

    @without_locals
    def read(self) -> Keys:
        """Return the keys."""
        return Keys(*keyring.read(dotenv.read(self.path).plain[dotenv.KEYRING]))

    @without_locals
    def write(self, keys: Keys) -> None:
        """Keep the new pair beside the old one, then point `.env` at it, then forget the old one."""
        before = dotenv.read(self.path).plain[dotenv.KEYRING]
        _change(self.path, {dotenv.KEYRING: keyring.store(keys.key_id, keys.secret)})
        keyring.forget(before)


@dataclass(frozen=True, slots=True)
class Profile:
    """The keys of a profile in the AWS credentials file (or the config file)."""

    path: Path
    section: str

    @property
    def name(self) -> str:
        """One word for the place."""
        return f"profile:{self.path}:{self.section}"

    @property
    def label(self) -> str:
        """The place in words."""
        return f"profile {self.section.removeprefix('profile ')} in {self.path}"

    @without_locals
    def read(self) -> Keys:
        """Return the keys."""
        body = Secret(self._body()[1], remembered=False)
        return Keys(_value(body, ID), Secret(_value(body, SECRET)))

    @without_locals
    def write(self, keys: Keys) -> None:
        """Replace the two values; every other byte of the file stays."""
        start, body, end = self._body()
        for option, value in ((ID, keys.key_id), (SECRET, keys.secret.reveal())):
            body = _pattern(option).sub(lambda found, new=value: found[1] + new, body, count=1)  # type: ignore[misc] # a default
        real = self.path.resolve()
        files.write_file(real, start + body + end, mode=stat.S_IMODE(real.stat().st_mode))

    def _body(self) -> tuple[str, str, str]:
        text = self.path.read_bytes().decode()
        heads = list(SECTION.finditer(text))
        for at, head in enumerate(heads):
            if head[1].strip() == self.section:
                end = heads[at + 1].start() if at + 1 < len(heads) else len(text)
                return text[: head.end()], text[head.end() : end], text[end:]
        raise ConfigError("profile-keys", f"{self.path} no longer has a section {self.section}")


def of(project: Project) -> Place | None:
    """Return where the long-lived keys of the project's identity are kept; None where it has none."""
    path = Path(project.root, account.FILE)
    if account.is_sandboxed(path.parent) or project.secrets.get("AWS_SESSION_TOKEN"):
        return None
    if project.env.get("AWS_ACCESS_KEY_ID") and project.secrets.get("AWS_SECRET_ACCESS_KEY"):
        return EnvFile(path)
    if project.env.get(dotenv.KEYRING):
        return Keyring(path)
    return _of_profile(aws_environment.of(project), project.profile)


def _of_profile(environ: Mapping[str, str], named: str | None) -> Place | None:
    """Return the profile that holds the keys: the one that is named, or the one that it builds on."""
    folder = paths.home(environ=environ) / ".aws"
    places = (
        (Path(environ.get("AWS_SHARED_CREDENTIALS_FILE") or folder / "credentials"), "{}"),
        (Path(environ.get("AWS_CONFIG_FILE") or folder / "config"), "profile {}"),
    )
    wanted, seen = named or environ.get("AWS_PROFILE") or "default", set[str]()
    while wanted and wanted not in seen:
        seen.add(wanted)
        following = ""
        for path, form in places:
            section = "default" if wanted == "default" else form.format(wanted)
            body = _section(path, section)
            if _value(body, ID).startswith("AKIA") and _value(body, SECRET):
                return Profile(path, section)
            following = following or _value(body, "source_profile")
        wanted = following
    return None


@without_locals
def _section(path: Path, section: str) -> Secret:
    try:
        return Secret(Profile(path, section)._body()[1], remembered=False)  # noqa: SLF001 - of this module
    except (ConfigError, OSError, UnicodeDecodeError):
        return Secret()


def _value(body: Secret, option: str) -> str:
    found = _pattern(option).search(body.reveal())
    return found[2] if found else ""


def _pattern(option: str) -> re.Pattern[str]:
    return re.compile(rf"(?im)^([ \t]*{option}[ \t]*=[ \t]*)(\S+)")


def _change(path: Path, values: Mapping[str, str]) -> None:
    account.write(path, edit.change(account.read(path) or "", values))
