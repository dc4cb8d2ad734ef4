"""Tasks about who somebody is: login, roles.

Owns: parsing, calling, printing. Data on stdout, talk on stderr.
Must not: compute anything a library user could want too.
Called by: people, through `invoke`.
"""

import json as jsonlib
import os
import sys
import time

from rolecall.credentials.aws import environment as aws_environment
from rolecall.credentials.identity import sdk_session as identity
from rolecall.credentials.store import choice, recent_failure
from rolecall.errors import UsageError
from rolecall.project import dotenv
from rolecall.project import roles as declared
from rolecall.project.config import ENV_FILE, Project
from rolecall.project.roles import Role
from rolecall.system import paths, person
from rolecall.system.clock import human
from rolecall.tasks import door
from rolecall.tasks import session as by_role


@door.task(
    help={
        "role": "log in for this role (default: this terminal's role)",
        "session": "log in to this Identity Center session",
        "force": "log in even if the present login will do",
        "keyring": "move the keys in .env into the OS keyring",
    }
)
def login(_c: object, role: str = "", session: str = "", force: bool = False, keyring: bool = False) -> None:
    """Log in to IAM Identity Center, or give an MFA code."""
    project = door.here()
    if keyring:
        _move_to_keyring(project)
        return
    wanted = role or choice.current(project, paths.runtime_dir(project.key)) or ""
    chain = declared.resolve(project.roles, wanted) if wanted else None
    if _login_to_portal(project, chain, session, force=force):
        _forget_failures(project)
    elif chain and any(hop.mfa for hop in chain.hops):
        by_role.by_hand(project, wanted)
        person.say(f"{wanted}: MFA is proven")
    else:
        label = identity.find(project, chain=chain).label
        person.say(f"nothing to log in to: roles are assumed with {label}, and none of them wants MFA here")


@door.task(
    help={
        "json": "print JSON",
        "import": "propose entries from the profiles of your AWS config file (prints, never writes)",
        "schema": "print the JSON Schema of roles.toml, for editors",
    }
)
def roles(_c: object, json: bool = False, import_: bool = False, schema: bool = False) -> None:
    """List the roles that the project declares."""
    if schema:
        from rolecall.project import schema as described

        sys.stdout.write(described.json_schema())
        return
    project = door.here()
    if import_:
        from rolecall.credentials.identity import aws_profiles

        sys.stdout.write(aws_profiles.proposal(project))
        person.say("a proposal; what you want of it belongs into envrc.d/roles.toml")
        return
    _print_roles(project, as_json=json)


def _login_to_portal(project: Project, chain: declared.Chain | None, name: str, *, force: bool) -> bool:
    """Log in to the portal that is named, or that the role or the profile needs; whether there is one."""
    from rolecall.credentials.aws import sdk
    from rolecall.credentials.identity_center import portal as identity_center

    world = aws_environment.of(project, os.environ)
    portal = identity_center.needed(project, chain, name, environ=world)
    if portal is None:
        return False
    token, is_new = identity_center.login(portal, sdk.bare(world), environ=os.environ, force=force)
    left = human(token.expires - time.time())
    called = portal.name or portal.start_url
    person.say(
        f"logged in to {called}, for {left}" if is_new else f"already logged in to {called}: {left} left"
    )
    return True


def _forget_failures(project: Project) -> None:
    """What failed for want of a login need not wait for its half minute."""
    folder = paths.runtime_dir(project.key)
    for name in (*project.roles, recent_failure.PROJECT):
        recent_failure.clear(folder, name)


def _move_to_keyring(project: Project) -> None:
    """Take the keys out of `.env` only once the keyring has given them back."""
    from rolecall.credentials.identity import keyring
    from rolecall.workstation.envfile import account
    from rolecall.workstation.envfile import edit as envfile

    path = project.root / ENV_FILE
    key_id, secret = project.env.get("AWS_ACCESS_KEY_ID"), project.env.get("AWS_SECRET_ACCESS_KEY")
    if not (key_id and secret):
        raise UsageError("keys-missing", f"{path} holds no keys to move", hint="invoke setup")
    if project.env.get("AWS_SESSION_TOKEN") or account.is_sandboxed(project.root):
        raise UsageError(
            "keys-temporary", f"the keys in {path} are not lasting ones: they are not worth keeping"
        )
    name = keyring.store(key_id, secret)
    changed = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, dotenv.KEYRING: name}
    account.write(path, envfile.change(account.read(path) or "", changed))
    person.say(f"the keys …{key_id[-4:]} are in the OS keyring now, and no longer in {path}")


def _print_roles(project: Project, *, as_json: bool) -> None:
    if as_json:
        print(jsonlib.dumps([_facts(project, role) for role in project.roles.values()], indent=2))
        return
    if not project.roles:
        person.say("no roles: declare them in envrc.d/roles.toml, or try: invoke roles --import")
    width = max((len(name) for name in project.roles), default=0)
    for role in project.roles.values():
        star = "*" if role.name == project.default_role else " "
        print(f"{star} {role.name:<{width}}  {_described(project, role)}")


def _described(project: Project, role: Role) -> str:
    chain = declared.resolve(project.roles, role.name)
    through = " -> ".join(hop.name for hop in chain.hops[:-1])
    traits = {f"through {through}": bool(through), "protected": role.protected, "MFA": role.mfa}
    said = [word for word, is_so in traits.items() if is_so]
    lasts = "as long as Identity Center says" if role.sso else human(chain.duration_seconds)
    return "  ".join([role.role_arn, *said, lasts])


def _facts(project: Project, role: Role) -> dict[str, object]:
    return {
        "role": role.name,
        "role_arn": role.role_arn,
        "account": role.account,
        "region": role.region or project.region,
        "through": [hop.name for hop in declared.resolve(project.roles, role.name).hops[:-1]],
        "duration_seconds": declared.resolve(project.roles, role.name).duration_seconds,
        "protected": role.protected,
        "mfa": role.mfa,
        "is_default": role.name == project.default_role,
    }
