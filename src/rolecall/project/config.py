"""The project as frozen values: `envrc.d/roles.toml`, `.env`, and the little that the environment may say.

Must not resolve chains (roles does), write, or call AWS. Where nothing changed since the files were last
understood, the snapshot answers, and neither a TOML nor a dotenv parser is loaded.
"""

import os
import time

from rolecall.project import roles, snapshot
from rolecall.project.declared import Project
from rolecall.project.env_file import dotenv, env_names
from rolecall.system.disk import files, place
from rolecall.system.python.frozen import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from rolecall.project.input_files import InputFiles
    from rolecall.project.roles import Role
    from rolecall.system.disk.place import Place
    from rolecall.system.text.secret import Secret

ROLES_FILE = "envrc.d/roles.toml"
ENV_FILE = ".env"
REGIONS = ("AWS_REGION", "REGION_NAME", "AWS_DEFAULT_REGION")


def load(
    root: "Path | str",
    *,
    environ: "Mapping[str, str]" = os.environ,
    clock: "Callable[[], float]" = time.time,
) -> Project:
    """Return the project at `root`. Raises ConfigError naming the file, the line and the key."""
    return read(place.at(root, environ=environ, clock=clock))


def read(where: "Place") -> Project:
    """Return the project at `where`, from its snapshot or from its files. Raises ConfigError."""
    return snapshot.read(where) or parse(where)


def parse(where: "Place") -> Project:
    """Return the project at `where`, from its files.

    ROLE_ARN in `.env` is the person's own default role: alone it is enough, and beside `roles.toml` it
    wins, as every personal value does. Raises ConfigError naming the file, the line and the key.
    """
    from rolecall.project.input_files import InputFiles
    from rolecall.project.roles_toml import reader

    inputs = InputFiles(where.root)
    path = f"{where.root}/{ENV_FILE}"
    text = _own_text(inputs, path)
    values = dotenv.parse(text, path, root=where.root, home=where.environ.get("HOME", ""))
    env = values.plain
    declared = reader.read(f"{where.root}/{ROLES_FILE}", inputs=inputs)
    if declared.env == "aws":
        env = dotenv.aws_settings(env)
    refused = env_names.refused(env, values.secrets)
    env = {name: value for name, value in env.items() if name not in refused}
    known = dict(declared.roles)
    default = declared.default_role or (next(iter(known)) if len(known) == 1 else None)
    if env.get("ROLE_ARN"):
        own = _own_role(env["ROLE_ARN"], known)
        known.setdefault(own.name, own)
        default = own.name
    known = roles.protected_alike(known)
    return Project(
        place=where,
        name=declared.name or os.path.basename(where.root),
        default_role=default,
        declared_region=next(filter(None, map(env.get, REGIONS)), declared.region),
        roles=known,
        env=env,
        secrets=values.secrets,
        profile=env.get("AWS_PROFILE") or env.get("AWS_DEFAULT_PROFILE") or declared.profile,
        tools=declared.tools,
        mfa_serial=env.get("AWS_MFA_SERIAL") or declared.mfa_serial,
        mfa_process=env.get("AWS_MFA_PROCESS") or declared.mfa_process,
        delivery=declared.delivery,
        sso=declared.sso,
        digest=inputs.digest,
        inputs=inputs.mtimes,
        identity_lines=dotenv.identity_lines(text, values),
        refused=tuple(env_names.lines(refused)),
    )


def _own_text(inputs: "InputFiles", path: str) -> "Secret":
    """Return the text of `.env`, which did not come with git.

    It is read after that was asked, and once more where a pull wrote it in between.
    """
    while True:
        before = files.mtime_ns(path)
        dotenv.refuse_foreign(path)
        text = inputs.secret(path)
        if inputs.mtimes[ENV_FILE] == before:
            return text


def _own_role(arn: str, known: "Mapping[str, Role]") -> "Role":
    short = roles.from_arn(arn).role_arn.rpartition("/")[2]
    role = roles.resolve(known, arn).role
    return replace(role, name=short) if role.name == arn and short not in known else role
