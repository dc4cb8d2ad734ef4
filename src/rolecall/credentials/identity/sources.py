"""Where an identity may come from, each source in its turn.

Owns: the order of sources, and which facts tell one identity from another.
Must not: open, ask or fetch anything: an identity that is not needed costs nothing.
Called by: identity.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from rolecall.credentials.aws import environment as aws_environment
from rolecall.credentials.failures import table as failures
from rolecall.credentials.model import Identity, masked
from rolecall.project import dotenv
from rolecall.project.config import Project
from rolecall.project.roles import Chain
from rolecall.system import files, paths

CHAIN_DECIDES = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


def first(project: Project, chain: Chain | None, environ: Mapping[str, str]) -> Identity:
    """Return the identity of the first source that has one; the SDK's own chain is the last.

    Raises CredentialError for half a pair of keys in `.env`: another identity would be a surprise.
    """
    world = aws_environment.of(project, environ)
    if chain and chain.hops[0].sso:
        return _sso(project, chain, world)
    for source in (_web_identity, _github, _keys, _keyring, _profile):
        if found := source(project, world, environ):
            return found
    decided = [world.get(name, "") for name in CHAIN_DECIDES]
    decided += [] if world.get("AWS_ACCESS_KEY_ID") else _files(world)
    mark = aws_environment.mark(environ)
    return Identity("chain", _label(world), _fingerprint("chain", *decided), environ_mark=mark, environ=world)


def _label(world: Mapping[str, str]) -> str:
    if world.get("AWS_ACCESS_KEY_ID"):
        return f"keys {masked(world['AWS_ACCESS_KEY_ID'])} in the environment"
    return f"profile {world['AWS_PROFILE']}" if world.get("AWS_PROFILE") else "the AWS SDK's default chain"


def _web_identity(project: Project, world: Mapping[str, str], environ: Mapping[str, str]) -> Identity | None:
    path = world.get("AWS_WEB_IDENTITY_TOKEN_FILE")
    if not path:
        return None
    arn = world.get("AWS_ROLE_ARN") or None
    return Identity(
        "web-identity",
        "the web identity token" + (f" of {arn}" if arn else ""),
        _fingerprint("web-identity", path, arn or ""),
        environ_mark="" if "AWS_WEB_IDENTITY_TOKEN_FILE" in project.env else aws_environment.mark(environ),
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
        environ_mark=aws_environment.mark(environ),
        environ=world,
        role_arn=world.get("AWS_ROLE_ARN") or None,
    )


def _keys(project: Project, world: Mapping[str, str], _environ: Mapping[str, str]) -> Identity | None:
    env = project.env
    missing = [name for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") if not env.get(name)]
    if len(missing) == 1:
        raise failures.error("identity-partial", label=".env", detail=f"{missing[0]} is missing")
    if missing:
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
    name = project.env.get(dotenv.KEYRING)
    if not name:
        return None
    label = f"keys {masked(name.partition('-')[0])} in the OS keyring"
    return Identity("keyring", label, _fingerprint("keyring", name), environ=world, keyring_name=name)


def _profile(project: Project, world: Mapping[str, str], _environ: Mapping[str, str]) -> Identity | None:
    if not project.profile:
        return None
    return Identity(
        "profile",
        f"profile {project.profile}",
        _fingerprint("profile", project.profile, *_files(world)),
        profile=project.profile,
        environ=world,
    )


def _files(world: Mapping[str, str]) -> list[str]:
    """What the AWS files say: a profile that is edited is another identity."""
    folder = paths.home(environ=world) / ".aws" if world.get("HOME") else Path()
    named = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}
    found = [Path(world.get(variable) or folder / name).expanduser() for variable, name in named.items()]
    return [files.read_text(path) or "" for path in found]


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
