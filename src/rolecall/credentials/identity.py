"""Who assumes: the source identity, found without ever taking the role itself for it.

Owns: the order of sources, and an AWS SDK session that holds just that identity.
Must not: assume a role, or let a token from the environment ride on keys from `.env`.
Called by: the broker, whoami, the fixture `aws_user_session`.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rolecall.credentials.model import Identity, masked
from rolecall.errors import LoginNeededError
from rolecall.project.config import Project
from rolecall.system import direnv

if TYPE_CHECKING:
    import botocore.session

OURS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ACCOUNT_ID",
)
MARKED = ("AWS_PROFILE", "AWS_ACCESS_KEY_ID")


def find(project: Project, *, environ: Mapping[str, str] = os.environ) -> Identity:
    """Return the identity that assumes this project's roles. Raises LoginNeededError where there is none.

    Keys in `.env`, else the profile that `.env` or `roles.toml` names, else boto3's own chain.
    """
    env = project.env
    if env.get("AWS_ACCESS_KEY_ID") and env.get("AWS_SECRET_ACCESS_KEY"):
        return Identity(
            "keys",
            f"keys {masked(env['AWS_ACCESS_KEY_ID'])} in .env",
            _fingerprint("keys", env["AWS_ACCESS_KEY_ID"]),
            key_id=env["AWS_ACCESS_KEY_ID"],
            secret=env["AWS_SECRET_ACCESS_KEY"],
            token=env.get("AWS_SESSION_TOKEN") or None,
        )
    plain = plain_environ(environ)
    if project.profile:
        files = [plain.get("AWS_CONFIG_FILE", ""), plain.get("AWS_SHARED_CREDENTIALS_FILE", "")]
        return Identity(
            "profile",
            f"profile {project.profile}",
            _fingerprint("profile", project.profile, *files),
            profile=project.profile,
        )
    found = [plain.get(name, "") for name in MARKED]
    return Identity("chain", "the AWS SDK's default chain", _fingerprint("chain", *found), environ_mark=mark(environ))


def plain_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` without anything rolecall exported.

    Where direnv's own record is missing (sudo, a container, an editor) ROLECALL_ROLE still tells.
    """
    plain = direnv.reverted(environ)
    if plain.get("ROLECALL_RENEW_AT"):
        plain = {name: value for name, value in plain.items() if name not in OURS and not name.startswith("ROLECALL_")}
    return plain


def mark(environ: Mapping[str, str]) -> str:
    """Return what of the environment decides the default chain; `envrc.d/50-session.sh` writes the same."""
    plain = plain_environ(environ)
    return f"{plain.get('AWS_PROFILE', '')}:{plain.get('AWS_ACCESS_KEY_ID', '')[-4:]}"


def sdk_session(
    identity: Identity, *, environ: Mapping[str, str] = os.environ
) -> "botocore.session.Session":
    """Return a botocore session whose credentials are `identity`. Raises LoginNeededError for an empty chain."""
    import botocore.session

    with clean_environment(environ):
        session = botocore.session.Session(profile=identity.profile)
        if identity.key_id and identity.secret:
            session.set_credentials(identity.key_id, identity.secret, identity.token)
        elif session.get_credentials() is None:
            raise LoginNeededError(
                "identity-missing",
                "no identity to assume a role with: no keys in .env, no profile, nothing in the SDK's chain",
                hint="invoke setup",
            )
    return session


@contextmanager
def clean_environment(environ: Mapping[str, str] = os.environ) -> Iterator[None]:
    """Hide from the SDK, for the block, what rolecall exported: botocore reads os.environ itself."""
    before = dict(os.environ)
    plain = plain_environ(environ)
    try:
        for name in before:
            if name.startswith("AWS_") and name not in plain:
                del os.environ[name]
        os.environ.update({name: value for name, value in plain.items() if name.startswith("AWS_")})
        yield
    finally:
        for name in [name for name in os.environ if name not in before]:
            del os.environ[name]
        os.environ.update(before)


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
