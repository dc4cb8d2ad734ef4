"""`setup --ci`: a runner without a person, a startup file or direnv. It proves the role, and sets nothing up.

What a job lacks is said in the words of its workflow: a role, or the permission to ask for a token.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path

from rolecall.credentials.identity import sources
from rolecall.credentials.model import SessionRequest
from rolecall.credentials.store import choice
from rolecall.errors import ConfigError
from rolecall.project import config
from rolecall.project.declared import Project
from rolecall.system.clock import human
from rolecall.system.person import person
from rolecall.tasks.sessions import obtain

EXPORT = "export ROLE_ARN=arn:aws:iam::111122223333:role/NAME"
TOKEN_KINDS = ("web-identity", "github")


def set_up(root: Path, *, is_plan: bool, environ: Mapping[str, str] = os.environ) -> None:
    """Take the role that applies and say who this job is. Raises ConfigError where no role is known."""
    project = config.load(root)
    name = choice.current(project)
    if not name:
        raise ConfigError(
            "role-missing", f"no role is known for this job; {_way(project, environ)}", hint=EXPORT
        )
    chain = choice.chain(project)
    label = sources.find(project, chain).label
    if is_plan:
        person.put(f"would take {chain.role.name} ({chain.role.role_arn}) with {label}; no file is written")
        return
    held = obtain.obtain(project, SessionRequest(chain))
    left = human(held.seconds_left(time.time()))
    person.say(f"{held.role} · {held.account} · {left} left, with {label}")
    person.put(held.assumed_arn)
    if environ.get("GITHUB_ENV"):
        person.say("for the steps that follow: invoke assume --format github")
    person.say("for one command: invoke exec -- COMMAND")


def _way(project: Project, environ: Mapping[str, str]) -> str:
    """Return what to set, and that no key is needed where the runner has a token of its own."""
    found = sources.find(project)
    told = "set ROLE_ARN in the job's environment, or commit envrc.d/roles.toml"
    if found.kind in TOKEN_KINDS:
        return f"{found.label} is there, so no key is needed: {told}"
    if environ.get("GITHUB_ACTIONS"):
        return f"{told}; for a token in place of a key, give the job `permissions: id-token: write`"
    return told
