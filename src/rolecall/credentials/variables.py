"""A session as environment variables: by their names, for a program that runs in it, and what goes with it.

How a shell or a file spells them is for `formats/`.
"""

from collections.abc import Mapping

from rolecall.credentials.model import Session
from rolecall.project import own_profiles
from rolecall.project.declared import Project
from rolecall.project.env_file import own_exports
from rolecall.project.env_file.dotenv import for_shell
from rolecall.system.clock import iso
from rolecall.system.programs import direnv

REMOVED = own_exports.PROFILE
PROMPT = "AWSUME_PROFILE"  # the role's name, for prompts that show it (`setup --prompt`)
REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")
HELD = (*REMOVED, *own_exports.NAMES)


def environment(session: Session) -> dict[str, str]:
    """Return the variables that make a process this session; AWS SDKs read the same names."""
    values = {
        "AWS_ACCESS_KEY_ID": session.key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret.reveal(),
        "AWS_SESSION_TOKEN": session.token.reveal(),
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
    own); another project's is undone. Where the team delivers by profiles, it gets the role's profile.
    """
    before = own_exports.removed(environ)
    kept = dict(environ if direnv.is_loaded(project.root, environ=environ) else before)
    for name in HELD:
        kept.pop(name, None)
    kept |= {name: before[name] for name in REGION if name in before}
    plain = {name: value for name, value in kept.items() if not name.startswith(("DIRENV_", "ROLECALL_"))}
    own = environment(session)
    if plain.get(PROMPT) and plain[PROMPT] == environ.get("ROLECALL_ROLE"):
        own[PROMPT] = session.role
    if profile := own_profiles.of(project, session.role):
        own = {name: value for name, value in own.items() if name not in own_exports.KEYS}
        own |= {"AWS_PROFILE": profile, own_exports.OWN_PROFILE: profile}
    return _with_region(session, plain | for_shell(project.env) | own)


def settings(project: Project) -> dict[str, str]:
    """Return what of `.env` an SDK needs beside the session: where requests go, and whom they trust."""
    own = for_shell(project.env)
    return {name: value for name, value in own.items() if name.startswith("AWS_") and value.isprintable()}
