"""An AWS SDK session of the source identity, which never takes the role itself for it.

Recognises an identity that asks us in turn. Must not assume a role, or let a token from the environment
ride on keys from `.env`.
"""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rolecall.credentials import failures
from rolecall.credentials.aws import environment as aws_environment
from rolecall.credentials.aws import sdk
from rolecall.credentials.identity import sources
from rolecall.credentials.model import Identity
from rolecall.system.clock import Deadline

if TYPE_CHECKING:
    import botocore.session

PATIENCE_SECONDS = 15.0


def opened(
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
    sdk_environ = identity.environ or aws_environment.plain(environ)
    if identity.kind in ("keys", "keyring"):
        return _holding(identity, sdk_environ)
    if identity.kind in ("web-identity", "github"):
        return _of_token(identity, sdk_environ, deadline or Deadline.after(PATIENCE_SECONDS))
    guards = ",".join(word for word in (environ.get(sources.RESOLVING, ""), guard) if word)
    session = sdk.resolving(
        sdk_environ,
        profile=identity.profile,
        without_files=identity.without_files,
        ask_mfa=ask_mfa or _refuse_mfa,
        child_environ={**sdk_environ, **({sources.RESOLVING: guards} if guards else {})},
    )
    if session.get_credentials() is None:
        raise failures.error("identity-missing", detail=sources.ignored(identity))
    return session


def _holding(identity: Identity, sdk_environ: Mapping[str, str]) -> "botocore.session.Session":
    key_id, secret = identity.key_id, identity.secret
    if identity.keyring_name:
        from rolecall.credentials.identity import keyring

        key_id, secret = keyring.read(identity.keyring_name)
    session = sdk.bare(sdk_environ)
    session.set_credentials(key_id, secret.reveal(), identity.token.reveal() or None)
    return session


def _of_token(
    identity: Identity, sdk_environ: Mapping[str, str], deadline: Deadline
) -> "botocore.session.Session":
    from rolecall.credentials.identity import web_identity

    session = sdk.bare(sdk_environ)
    keys = web_identity.base_keys(identity, environ=sdk_environ, deadline=deadline)
    session.set_credentials(keys.key_id, keys.secret.reveal(), keys.token.reveal())
    return session


def _refuse_mfa(_question: str) -> str:
    raise failures.error("mfa-needed")
