"""Who assumes: the source identity, found without ever taking the role itself for it.

Owns: the order of sources, and an AWS SDK session that holds just that identity.
Must not: assume a role, or let a token from the environment ride on keys from `.env`.
Called by: the broker, whoami, the fixture `aws_user_session`.
"""

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rolecall.credentials import aws, failures
from rolecall.credentials.model import Identity, masked
from rolecall.project.config import Project
from rolecall.project.dotenv import IDENTITY
from rolecall.project.roles import Chain
from rolecall.system import direnv
from rolecall.system.clock import Deadline

if TYPE_CHECKING:
    import botocore.session

OURS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ACCOUNT_ID",
)
KEYRING = "ROLECALL_KEYRING"
RESOLVING = "ROLECALL_RESOLVING"
PATIENCE_SECONDS = 15.0
MARK_PLAIN = re.compile(r"[^A-Za-z0-9_./:@%+=,-]")
CHAIN_DECIDES = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


def find(
    project: Project, *, chain: Chain | None = None, environ: Mapping[str, str] = os.environ
) -> Identity:
    """Return the identity that assumes this project's roles; nothing is asked or opened yet.

    For a chain that begins in Identity Center, its login. Else web identity where the CI system gives it,
    keys in `.env`, the keyring, the profile that `.env` or `roles.toml` names, the SDK's own chain.
    """
    world = surroundings(project, environ)
    if chain and chain.hops[0].sso:
        return _sso(project, chain, world)
    for source in (_web_identity, _github, _keys, _keyring, _profile):
        if found := source(project, world, environ):
            return found
    decided = [world.get(name, "") for name in CHAIN_DECIDES]
    return Identity(
        "chain",
        f"profile {world['AWS_PROFILE']}" if world.get("AWS_PROFILE") else "the AWS SDK's default chain",
        _fingerprint("chain", *decided),
        environ_mark=mark(environ),
        environ=world,
    )


def surroundings(project: Project, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment an SDK should see: the plain one, and `.env` but for the identity in it."""
    own = {
        name: value for name, value in project.env.items() if name.startswith("AWS_") and name not in IDENTITY
    }
    return plain_environ(environ) | own


def plain_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` without anything rolecall exported.

    Where direnv's own record is missing (sudo, a container, an editor, `exec`) what stands beside
    ROLECALL_ROLE still tells: a person who sets that by hand does not set AWS_ACCOUNT_ID and an expiry too.
    """
    plain = direnv.reverted(environ)
    ours = ("ROLECALL_ROLE", "AWS_ACCOUNT_ID", "AWS_CREDENTIAL_EXPIRATION")
    if plain.get("ROLECALL_RENEW_AT") or all(plain.get(name) for name in ours):
        plain = {
            name: value
            for name, value in plain.items()
            if name not in OURS and not name.startswith("ROLECALL_")
        }
    return plain


def mark(environ: Mapping[str, str]) -> str:
    """Return what of the environment decides the identity; `envrc.d/50-session.sh` writes the same."""
    plain = plain_environ(environ)
    parts = [plain.get("AWS_PROFILE", ""), plain.get("AWS_ACCESS_KEY_ID", "")[-4:]]
    if plain.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        parts += [plain["AWS_WEB_IDENTITY_TOKEN_FILE"], plain.get("AWS_ROLE_ARN", "")]
    if plain.get("ACTIONS_ID_TOKEN_REQUEST_URL"):
        parts += ["github"]
    return MARK_PLAIN.sub("_", ":".join(parts))


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
    world = identity.environ or plain_environ(environ)
    if identity.kind in ("keys", "keyring"):
        return _holding(identity, world)
    if identity.kind in ("web-identity", "github"):
        return _of_token(identity, world, deadline or Deadline.after(PATIENCE_SECONDS))
    guards = ",".join(word for word in (environ.get(RESOLVING, ""), guard) if word)
    session = aws.resolving(
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
        from rolecall.credentials import vault

        key_id, secret = vault.read(identity.keyring_name)
    session = aws.bare(world)
    session.set_credentials(key_id, secret, identity.token)
    return session


def _of_token(identity: Identity, world: Mapping[str, str], deadline: Deadline) -> "botocore.session.Session":
    from rolecall.credentials import webidentity

    session = aws.bare(world)
    keys = webidentity.base_keys(identity, session, deadline=deadline)
    session.set_credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    return session


def _refuse_mfa(_question: str) -> str:
    raise failures.error("mfa-needed")


def _web_identity(project: Project, world: Mapping[str, str], environ: Mapping[str, str]) -> Identity | None:
    path = world.get("AWS_WEB_IDENTITY_TOKEN_FILE")
    if not path:
        return None
    arn = world.get("AWS_ROLE_ARN") or None
    return Identity(
        "web-identity",
        "the web identity token" + (f" of {arn}" if arn else ""),
        _fingerprint("web-identity", path, arn or ""),
        environ_mark="" if "AWS_WEB_IDENTITY_TOKEN_FILE" in project.env else mark(environ),
        environ=world,
        role_arn=arn,
    )


def _github(_project: Project, world: Mapping[str, str], environ: Mapping[str, str]) -> Identity | None:
    if not (world.get("ACTIONS_ID_TOKEN_REQUEST_URL") and world.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")):
        return None
    facts = [world.get(name, "") for name in ("GITHUB_REPOSITORY", "GITHUB_REF", "AWS_ROLE_ARN")]
    return Identity(
        "github",
        "GitHub Actions' OIDC token",
        _fingerprint("github", *facts),
        environ_mark=mark(environ),
        environ=world,
        role_arn=world.get("AWS_ROLE_ARN") or None,
    )


def _keys(project: Project, world: Mapping[str, str], _environ: Mapping[str, str]) -> Identity | None:
    env = project.env
    if not (env.get("AWS_ACCESS_KEY_ID") and env.get("AWS_SECRET_ACCESS_KEY")):
        return None
    return Identity(
        "keys",
        f"keys {masked(env['AWS_ACCESS_KEY_ID'])} in .env",
        _fingerprint("keys", env["AWS_ACCESS_KEY_ID"]),
        key_id=env["AWS_ACCESS_KEY_ID"],
        secret=env["AWS_SECRET_ACCESS_KEY"],
        token=env.get("AWS_SESSION_TOKEN") or None,
        environ=world,
    )


def _keyring(project: Project, world: Mapping[str, str], _environ: Mapping[str, str]) -> Identity | None:
    name = project.env.get(KEYRING)
    if not name:
        return None
    label = f"keys {masked(name.partition('-')[0])} in the OS keyring"
    return Identity("keyring", label, _fingerprint("keyring", name), environ=world, keyring_name=name)


def _profile(project: Project, world: Mapping[str, str], _environ: Mapping[str, str]) -> Identity | None:
    if not project.profile:
        return None
    files = [world.get("AWS_CONFIG_FILE", ""), world.get("AWS_SHARED_CREDENTIALS_FILE", "")]
    return Identity(
        "profile",
        f"profile {project.profile}",
        _fingerprint("profile", project.profile, *files),
        profile=project.profile,
        environ=world,
    )


def _sso(project: Project, chain: Chain, world: Mapping[str, str]) -> Identity:
    wanted = chain.hops[0].sso
    name = wanted.session if wanted else ""
    declared = project.sso.get(name)
    facts = [declared.start_url, declared.region] if declared else [world.get("AWS_CONFIG_FILE", "")]
    return Identity(
        "sso", f"the Identity Center login {name}", _fingerprint("sso", name, *facts), environ=world
    )


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
