"""`roles --import --sso`: permission sets proposed as roles of the project, written if a person agrees."""

import os
from dataclasses import dataclass
from pathlib import Path

from rolecall.credentials.aws import environment, sdk
from rolecall.credentials.identity_center import inventory
from rolecall.credentials.identity_center import portal as identity_center
from rolecall.credentials.identity_center.inventory import Filters, Reached
from rolecall.project.config import ROLES_FILE
from rolecall.project.declared import Project
from rolecall.project.roles import SsoSession
from rolecall.project.roles_toml import reader
from rolecall.system.disk import files
from rolecall.system.person import person
from rolecall.workstation.envrc import merge
from rolecall.workstation.project import permission_sets
from rolecall.workstation.project.permission_sets import Entry

NEW_MODE = 0o644
MOST_SAID = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for on the command line."""

    session: str
    rule: str
    filters: Filters
    is_agreed: bool


def propose(project: Project, wanted: Wanted) -> None:
    """Show what roles.toml would have more, and write it where the person agrees."""
    permission_sets.check(wanted.rule)
    portal = identity_center.portal_of(project, wanted.session, environ=environment.of(project))
    found = _reached(project, portal, wanted.filters)
    made = permission_sets.entries(project, found, wanted.rule)
    person.say(_counted(found, made))
    _say_renamed(made)
    if not made:
        return
    path = Path(project.root, ROLES_FILE)
    before = files.read_text(path) or ""
    after = permission_sets.appended(before, project, portal, made)
    reader.parse(path, after)
    person.put(merge.diff(before, after, ROLES_FILE))
    if wanted.is_agreed or (person.can_ask() and person.confirm(f"Add {_roles(len(made))} to {ROLES_FILE}?")):
        path.parent.mkdir(exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else NEW_MODE
        files.write_file(path, after, mode=mode)
        person.say(f"{ROLES_FILE} has {_roles(len(made))} more")
    else:
        person.say("nothing was written; --yes writes it")


def _reached(project: Project, portal: SsoSession, filters: Filters) -> tuple[Reached, ...]:
    """Return what the login reaches. Raises LoginNeededError where there is none."""
    session = sdk.bare(environment.of(project))
    token = identity_center.valid_token(portal, session, environ=os.environ)
    if token is None:
        raise identity_center.login_needed(portal)
    return inventory.reached(portal, session, token, filters=filters, say=person.say)


def _counted(found: tuple[Reached, ...], made: tuple[Entry, ...]) -> str:
    declared = len(found) - len(made)
    kept = f"; the project declares {'all' if not made else declared} of them already" if declared else ""
    return f"found {_sets(len(found))}{kept}"


def _say_renamed(made: tuple[Entry, ...]) -> None:
    renamed = [one for one in made if one.wanted]
    for one in renamed[:MOST_SAID]:
        person.say(f"{one.wanted} would stand for two roles, so one is {one.alias}")
    if len(renamed) > MOST_SAID:
        person.say(f"and {len(renamed) - MOST_SAID} more have their account's id in the name")


def _roles(count: int) -> str:
    return f"{count} role{'s' if count > 1 else ''}"


def _sets(count: int) -> str:
    return f"{count or 'no'} permission set{'' if count == 1 else 's'}"
