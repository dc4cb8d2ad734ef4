"""The task `login`: what only a person can do. Identity Center, an MFA code, keys into the keyring."""

import os
import time
from pathlib import Path

from rolecall.credentials.aws import environment as aws_environment
from rolecall.credentials.identity import sources
from rolecall.credentials.model import SessionRequest
from rolecall.credentials.store import choice, recent_failure
from rolecall.errors import UsageError
from rolecall.project.config import ENV_FILE
from rolecall.project.declared import Project
from rolecall.project.env_file import dotenv
from rolecall.project.roles import Chain, SsoSession
from rolecall.system.clock import human
from rolecall.system.person import person
from rolecall.system.text.frames import without_locals
from rolecall.tasks import door, usage
from rolecall.tasks.sessions import obtain


@door.task(
    help={
        "role": "log in for this role (default: this terminal's role)",
        "session": "log in to this Identity Center session",
        "all": "log in to every Identity Center session of the project",
        "force": "log in even if the current login is still good",
        "keyring": "move the keys in .env into the OS keyring",
        "rotate": "replace the access key by a new one, and delete the old one",
    }
)
def login(  # noqa: PLR0917 - Invoke makes a flag of each
    _c: object,
    role: str | None = None,
    session: str = "",
    force: bool = False,
    keyring: bool = False,
    rotate: bool = False,
    all: bool = False,
) -> None:
    """Log in to IAM Identity Center, or give an MFA code."""
    name = usage.name_of(role)
    project = door.here()
    if keyring:
        _move_to_keyring(project)
        return
    if rotate:
        _rotate(project)
        return
    if all:
        _login_to_all(project, force=force)
        return
    chain = choice.chain(project, name) if name or choice.current(project) else None
    if _login_to_portal(project, chain, session, force=force):
        _forget_failures(project)
    elif chain and any(hop.mfa for hop in chain.hops):
        obtain.obtain(project, SessionRequest(chain, refresh=True))
        person.say(f"{chain.role.name}: MFA is proven")
    else:
        label = sources.find(project, chain).label
        person.say(f"nothing to log in to: roles are assumed with {label}, and none of them wants MFA here")


def _login_to_portal(project: Project, chain: Chain | None, name: str, *, force: bool) -> bool:
    """Log in to the portal that is named, or that the role or the profile needs; whether there is one."""
    from rolecall.credentials.identity_center import portal as identity_center

    portal = identity_center.needed(project, chain, name, environ=aws_environment.of(project))
    if portal is None:
        return False
    _log_in(project, portal, force=force)
    return True


def _login_to_all(project: Project, *, force: bool) -> None:
    """Log in to one portal after the other; those that still take their login are passed over."""
    from rolecall.credentials.identity_center import portal as identity_center

    portals = identity_center.every(project, environ=aws_environment.of(project))
    if not portals:
        says = f"project {project.name} has no Identity Center session: no [sso.NAME], and no role with sso"
        raise UsageError("sso-none", says, hint="invoke login")
    for portal in portals:
        _log_in(project, portal, force=force)
    _forget_failures(project)


def _log_in(project: Project, portal: SsoSession, *, force: bool) -> None:
    from rolecall.credentials.aws import sdk
    from rolecall.credentials.identity_center import portal as identity_center

    session = sdk.bare(aws_environment.of(project))
    token, is_new = identity_center.login(portal, session, environ=os.environ, force=force)
    left = human(token.expires - time.time())
    called = portal.name or portal.start_url
    person.say(
        f"logged in to {called}, for {left}" if is_new else f"already logged in to {called}: {left} left"
    )


def _forget_failures(project: Project) -> None:
    """Forget every remembered failure: one that a login mends need not wait for its half minute."""
    for name in project.roles:
        recent_failure.clear(project.place, name, aws_environment.mark(project))
    recent_failure.clear(project.place, recent_failure.PROJECT)


def _rotate(project: Project) -> None:
    """Replace the long-lived key where it is kept. Raises UsageError where the identity has none."""
    from rolecall.workstation.keys import place
    from rolecall.workstation.keys.rotate import Rotation

    found = place.of(project)
    if found is None:
        says = "there is no long-lived access key here: the identity is temporary, the sandbox's, or a login"
        raise UsageError("keys-missing", says, hint="invoke doctor")
    Rotation(found, aws_environment.of(project), project.region or "us-east-1", person.say).run()
    _forget_failures(project)


@without_locals
def _move_to_keyring(project: Project) -> None:
    """Take the keys out of `.env` only once the keyring has given them back."""
    from rolecall.credentials.identity import keyring
    from rolecall.workstation.envfile import account, edit

    path = Path(project.root, ENV_FILE)
    key_id, secret = project.env.get("AWS_ACCESS_KEY_ID"), project.secrets.get("AWS_SECRET_ACCESS_KEY")
    if not (key_id and secret):
        raise UsageError("keys-missing", f"{path} holds no keys to move", hint="invoke setup")
    if project.secrets.get("AWS_SESSION_TOKEN") or account.is_sandboxed(path.parent):
        raise UsageError(
            "keys-temporary",
            f"the keys in {path} are temporary or the sandbox's, so they are not moved to the keyring",
        )
    name = keyring.store(key_id, secret)
    changed = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, dotenv.KEYRING: name}
    account.write(path, edit.change(account.read(path) or "", changed))
    person.say(f"the keys …{key_id[-4:]} are in the OS keyring now, and no longer in {path}")
