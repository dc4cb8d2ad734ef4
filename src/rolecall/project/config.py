"""The project as frozen values: `envrc.d/roles.toml`, `.env`, and the little that the environment may say.

Owns: reading and validating what the team and the person declare.
Must not: resolve chains (roles does), write, or call AWS.
Called by: the broker's callers: tasks, fixtures, `rolecall.session()`.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rolecall.project import dotenv, roles, schema
from rolecall.project.roles import Role, SsoSession
from rolecall.system import paths

ROLES_FILE = "envrc.d/roles.toml"
ENV_FILE = ".env"
DIGEST_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Project:
    """Everything declared about a project. `env` is the whole of `.env`, the identity included."""

    root: Path
    key: str
    name: str
    default_role: str | None
    region: str | None
    endpoint: str | None
    roles: Mapping[str, Role]
    env: Mapping[str, str] = field(repr=False)
    profile: str | None = None
    tools: tuple[str, ...] = ()
    inputs: tuple[Path, ...] = ()
    mfa_serial: str | None = None
    mfa_process: str | None = field(default=None, repr=False)
    sso: Mapping[str, SsoSession] = field(default_factory=dict)


def load(root: Path, *, environ: Mapping[str, str] = os.environ) -> Project:
    """Return the project at `root`.

    ROLE_ARN in `.env` is the person's own default role: alone it is enough, and beside `roles.toml` it
    wins, as every personal value does. Raises ConfigError naming the file, the line and the key.
    """
    env = dotenv.read(root / ENV_FILE)
    declared = schema.read(root / ROLES_FILE)
    known = dict(declared.roles)
    default = declared.default_role or (next(iter(known)) if len(known) == 1 else None)
    if env.get("ROLE_ARN"):
        own = _own_role(env["ROLE_ARN"], known)
        known.setdefault(own.name, own)
        default = own.name
    return Project(
        root=root,
        key=paths.project_key(root),
        name=declared.name or root.name,
        default_role=default,
        region=env.get("AWS_REGION")
        or env.get("REGION_NAME")
        or declared.region
        or environ.get("AWS_REGION")
        or None,
        endpoint=env.get("AWS_ENDPOINT_URL") or None,
        roles=known,
        env=env,
        profile=env.get("AWS_PROFILE") or declared.profile,
        tools=declared.tools,
        inputs=(root / ENV_FILE, root / ROLES_FILE, *declared.policy_files),
        mfa_serial=env.get("AWS_MFA_SERIAL") or declared.mfa_serial,
        mfa_process=env.get("AWS_MFA_PROCESS") or declared.mfa_process,
        sso=declared.sso,
    )


def digest(project: Project) -> str:
    """Return one word for the present content of every file the project was read from."""
    total = hashlib.sha256()
    for path in project.inputs:
        content = path.read_bytes() if path.exists() else b""
        total.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()[:DIGEST_DIGITS]


def _own_role(arn: str, known: Mapping[str, Role]) -> Role:
    for role in known.values():
        if role.role_arn == arn:
            return role
    short = roles.from_arn(arn).role_arn.rpartition("/")[2]
    return Role(arn if short in known else short, arn)
