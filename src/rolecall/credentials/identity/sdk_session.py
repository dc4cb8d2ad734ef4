"""Who assumes: the source identity, found without ever taking the role itself for it.

Owns: an AWS SDK session that holds just that identity, and recognising one that asks us in turn.
Must not: assume a role, or let a token from the environment ride on keys from `.env`.
Called by: the broker, whoami, the fixture `aws_user_session`.
"""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rolecall.credentials.aws import environment as aws_environment
from rolecall.credentials.aws import sdk
from rolecall.credentials.failures import table as failures
from rolecall.credentials.identity import sources
from rolecall.credentials.model import Identity
from rolecall.project.config import Project
from rolecall.project.roles import Chain
from rolecall.system.clock import Deadline

if TYPE_CHECKING:
    import botocore.session

RESOLVING = "ROLECALL_RESOLVING"
PATIENCE_SECONDS = 15.0


def find(
    project: Project, *, chain: Chain | None = None, environ: Mapping[str, str] = os.environ
) -> Identity:
    """Return the identity that assumes this project's roles; nothing is asked or opened yet.

    For a chain that begins in Identity Center, its login. Else web identity where the CI system gives it,
    keys in `.env`, the keyring, the profile that `.env` or `roles.toml` names, the SDK's own chain.
    """
    return sources.first(project, chain, environ)


def sdk_session(
    identity: Identity,
    *,
    environ: Mapping[str, str] = os.environ,
    ask_mfa: Callable[[str], str] | None = None,
    guard: str = "",
    deadline: Deadline | None = None,
) -> "botocore.session.Session":
    """Return a botocore session whose credentials are `identity`.

    `guard` names the role this is for: a credential_process that calls rolecall for it is told apart by it.
    Raises LoginNeededError for an empty chain, CredentialError where the keyring or a token fails.
    """
    world = identity.environ or aws_environment.plain(environ)
    if identity.kind in ("keys", "keyring"):
        return _holding(identity, world)
    if identity.kind in ("web-identity", "github"):
        return _of_token(identity, world, deadline or Deadline.after(PATIENCE_SECONDS))
    guards = ",".join(word for word in (environ.get(RESOLVING, ""), guard) if word)
    session = sdk.resolving(
        world,
        profile=identity.profile,
        ask_mfa=ask_mfa or _refuse_mfa,
        child_environ={**world, **({RESOLVING: guards} if guards else {})},
    )
    if session.get_credentials() is None:
        raise failures.error("identity-missing")
    return session


def refuse_loop(identity: Identity, guard: str, *, environ: Mapping[str, str] = os.environ) -> None:
    """Raise CredentialError where a credential_process of this very identity's profile is asking us."""
    if guard in environ.get(RESOLVING, "").split(",") and identity.kind in ("profile", "chain"):
        raise failures.error("identity-loop", label=identity.label)


def _holding(identity: Identity, world: Mapping[str, str]) -> "botocore.session.Session":
    key_id, secret = identity.key_id, identity.secret
    if identity.keyring_name:
        from rolecall.credentials.identity import keyring

        key_id, secret = keyring.read(identity.keyring_name)
    session = sdk.bare(world)
    session.set_credentials(key_id, secret, identity.token)
    return session


def _of_token(identity: Identity, world: Mapping[str, str], deadline: Deadline) -> "botocore.session.Session":
    from rolecall.credentials.identity import web_identity

    session = sdk.bare(world)
    keys = web_identity.base_keys(identity, session, deadline=deadline)
    session.set_credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    return session


def _refuse_mfa(_question: str) -> str:
    raise failures.error("mfa-needed")
