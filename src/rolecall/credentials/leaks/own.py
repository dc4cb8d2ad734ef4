"""The credentials that are a person's own on this machine: what a commit must not hold.

Reads files only: `.env`, the AWS files, the cached sessions and logins. The keyring is opened where a commit
holds something that could be its secret. Must not ask anybody, or show a secret.
"""

import configparser
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rolecall.credentials.model import masked
from rolecall.errors import RolecallError
from rolecall.project.env_file import dotenv
from rolecall.system.disk import files, paths
from rolecall.system.python.frozen import dataclass
from rolecall.system.text.secret import Secret

SHORTEST = 16
FIELDS = {
    "aws_access_key_id": "access key",
    "aws_secret_access_key": "the secret of an access key",
    "aws_session_token": "a session token",
}
JSON_FIELDS = (
    *("AccessKeyId", "SecretAccessKey", "SessionToken"),
    *("accessToken", "refreshToken", "clientSecret", "idToken"),
)


@dataclass(frozen=True, slots=True)
class Own:
    """One credential of the person's: the text to look for, and what to call it."""

    text: Secret
    name: str


def find(root: Path, *, environ: Mapping[str, str]) -> list[Own]:
    """Return every credential of this person that the files of this machine hold, without the keyring's."""
    found = [*_of_env(root), *_of_aws_files(environ), *_of_sessions(environ), *_of_json(environ)]
    return [one for one in found if len(one.text.reveal()) >= SHORTEST]


def keyring_name(root: Path) -> str:
    """Return the name of the OS keyring's entry that `.env` points at, or nothing."""
    return _env(root).plain.get(dotenv.KEYRING, "")


def _env(root: Path) -> dotenv.Values:
    try:
        return dotenv.read(root / ".env")
    except RolecallError:
        return dotenv.Values({}, {})


def _of_env(root: Path) -> Iterator[Own]:
    for name in (".env", *(path.name for path in sorted(root.glob(".env.account*")))):
        try:
            values = dotenv.read(root / name)
        except RolecallError:
            continue
        key_id = values.plain.get("AWS_ACCESS_KEY_ID", "")
        yield Own(Secret(key_id, remembered=False), f"access key {masked(key_id)} of {name}")
        for secret in values.secrets.values():
            yield Own(secret, f"the secret of access key {masked(key_id)} of {name}")


def _of_aws_files(environ: Mapping[str, str]) -> Iterator[Own]:
    folder = paths.home(environ=environ) / ".aws"
    for variable, name in (("AWS_SHARED_CREDENTIALS_FILE", "credentials"), ("AWS_CONFIG_FILE", "config")):
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(Path(environ.get(variable) or folder / name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, configparser.Error):
            continue
        for section in parser.sections():
            for option, says in FIELDS.items():
                text = parser.get(section, option, fallback="").strip()
                is_id = option == "aws_access_key_id"
                shown = f"{says} {masked(text)}" if is_id else says
                yield Own(Secret(text, remembered=not is_id), f"{shown} of {section} in ~/.aws/{name}")


def _of_sessions(environ: Mapping[str, str]) -> Iterator[Own]:
    """Yield the keys of every cached session, of every project: a shell exports them, and they are copied."""
    for path in sorted(paths.runtime_dir("x", environ=environ).parent.glob("*/*")):
        if path.suffix not in (".env", ".mfa"):
            continue
        text = files.read_own(path) or ""
        values = dict(line.partition("=")[::2] for line in text.split("\n"))
        role = values.get("ROLECALL_ROLE") or "MFA"
        for name, says in (
            ("AWS_ACCESS_KEY_ID", "the key"),
            ("AWS_SECRET_ACCESS_KEY", "the secret"),
            ("AWS_SESSION_TOKEN", "the session token"),
        ):
            remembered = name != "AWS_ACCESS_KEY_ID"
            yield Own(
                Secret(values.get(name, ""), remembered=remembered), f"{says} of the cached session {role}"
            )


def _of_json(environ: Mapping[str, str]) -> Iterator[Own]:
    """Yield what the AWS CLI and SDKs cache of logins and roles."""
    folder = paths.home(environ=environ) / ".aws"
    for path in (*sorted(folder.glob("sso/cache/*.json")), *sorted(folder.glob("cli/cache/*.json"))):
        try:
            kept: Any = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        inner: Any = kept.get("Credentials") if isinstance(kept, dict) else None
        for place in (one for one in (kept, inner) if isinstance(one, dict)):
            for name in (one for one in JSON_FIELDS if isinstance(place.get(one), str)):
                yield Own(Secret(place[name]), f"{name} of ~/.aws/{path.parent.parent.name}/cache")
