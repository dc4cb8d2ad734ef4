"""A session in the words of a shell, a script or an SDK: `assume --format`, and the environment of `exec`."""

import json
import shlex
from collections.abc import Callable, Mapping

from rolecall.credentials.model import Session
from rolecall.project import own_exports
from rolecall.project.declared import Project
from rolecall.project.dotenv import for_shell
from rolecall.system import direnv
from rolecall.system.clock import iso

REMOVED = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")
HELD = (*REMOVED, *own_exports.NAMES)


def environment(session: Session) -> dict[str, str]:
    """Return the variables that make a process this session; AWS SDKs read the same names."""
    values = {
        "AWS_ACCESS_KEY_ID": session.key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret,
        "AWS_SESSION_TOKEN": session.token,
        "AWS_CREDENTIAL_EXPIRATION": iso(session.expires),
        "AWS_ACCOUNT_ID": session.account,
        "ROLECALL_ROLE": session.role,
    }
    if session.region:
        values |= {"AWS_REGION": session.region, "AWS_DEFAULT_REGION": session.region}
    return values


def _with_region(session: Session, environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` with one region under both of its names: the person's, else that of the profile."""
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or session.profile_region
    return {**environ, **({"AWS_REGION": region, "AWS_DEFAULT_REGION": region} if region else {})}


def child_environ(project: Project, session: Session, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a program run in the role: the shell's, with this identity and no other.

    Where this project's `.envrc` is loaded, what it exports stays (PATH with `.venv/bin`, the fragments'
    own); another project's is undone.
    """
    before = own_exports.removed(environ)
    kept = dict(environ if direnv.is_loaded(project.root, environ=environ) else before)
    for name in HELD:
        kept.pop(name, None)
    kept |= {name: before[name] for name in REGION if name in before}
    plain = {name: value for name, value in kept.items() if not name.startswith(("DIRENV_", "ROLECALL_"))}
    return _with_region(session, plain | for_shell(project.env) | environment(session))


def settings(project: Project) -> dict[str, str]:
    """Return what of `.env` an SDK needs beside the session: where requests go, and whom they trust."""
    own = for_shell(project.env)
    return {name: value for name, value in own.items() if name.startswith("AWS_") and value.isprintable()}


def _bash(session: Session, more: Mapping[str, str]) -> str:
    lines = [
        f"export {name}={shlex.quote(value)}\n" for name, value in {**more, **environment(session)}.items()
    ]
    return "".join([*lines, f"unset {' '.join(REMOVED)}\n"])


def _fish(session: Session, more: Mapping[str, str]) -> str:
    lines = [
        f"set -gx {name} {_fish_quoted(value)}\n" for name, value in {**more, **environment(session)}.items()
    ]
    return "".join([*lines, f"set -e {' '.join(REMOVED)}\n"])


def _fish_quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _pwsh(session: Session, more: Mapping[str, str]) -> str:
    lines = [
        f"$Env:{name} = '{value.replace(chr(39), chr(39) * 2)}'\n"
        for name, value in {**more, **environment(session)}.items()
    ]
    removed = [f"Remove-Item Env:{name} -ErrorAction SilentlyContinue\n" for name in REMOVED]
    return "".join([*lines, *removed])


def _json(session: Session, _more: Mapping[str, str]) -> str:
    """The shape that `aws sts assume-role` prints."""
    answer = {
        "Credentials": {
            "AccessKeyId": session.key_id,
            "SecretAccessKey": session.secret,
            "SessionToken": session.token,
            "Expiration": session.expiration.isoformat(),
        },
        "AssumedRoleUser": {"AssumedRoleId": session.assumed_id, "Arn": session.assumed_arn},
    }
    return json.dumps(answer, indent=2) + "\n"


def _env(session: Session, more: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in {**more, **environment(session)}.items())


FORMATS: Mapping[str, Callable[[Session, Mapping[str, str]], str]] = {
    "bash": _bash,
    "fish": _fish,
    "pwsh": _pwsh,
    "json": _json,
    "env": _env,
}
