"""A session for `cd`: within the hook's deadline, without a question, and with a memory of failure.

Owns: what is different when direnv calls, and when a session is renewed behind the prompt.
Must not: print (the door says one line), prompt, or open a browser.
Called by: the task `assume` inside `.envrc`; `python -m rolecall renew`.
"""

import os
from collections.abc import Mapping

from rolecall.credentials import broker, choice, cooldown
from rolecall.credentials.broker import Wish
from rolecall.credentials.model import Session
from rolecall.errors import LoginNeededError, RolecallError
from rolecall.project import roles
from rolecall.project.config import Project
from rolecall.system import paths
from rolecall.system.clock import Deadline
from rolecall.system.locks import LockBusyError

SECONDS = 3.4  # of the 4 s that a `cd` may take; the rest is Python's start and the imports
RENEW_SECONDS = 30.0


def obtain(project: Project, *, environ: Mapping[str, str] = os.environ) -> Session:
    """Return the session of this terminal's role, or raise and remember why for half a minute."""
    folder = paths.runtime_dir(project.key, environ=environ)
    role = choice.current(project, folder, environ=environ)
    try:
        _refuse_protected(project, role, environ)
        return broker.obtain(project, Wish(role), deadline=Deadline.after(SECONDS), environ=environ)
    except RolecallError as problem:
        if role:
            cooldown.record(folder, role, problem)
        raise


def renew(project: Project, role: str, *, environ: Mapping[str, str] = os.environ) -> Session | None:
    """Renew `role` if it has reached its soft window and nobody else is at it; None where somebody is."""
    folder = paths.runtime_dir(project.key, environ=environ)
    if project.roles.get(role) and project.roles[role].protected:
        return None
    try:
        return broker.obtain(
            project, Wish(role, renew=True), deadline=Deadline.after(0), fetch_seconds=RENEW_SECONDS, environ=environ
        )
    except LockBusyError:
        return None
    except RolecallError as problem:
        cooldown.record(folder, role, problem)
        raise


def _refuse_protected(project: Project, role: str | None, environ: Mapping[str, str]) -> None:
    if role is None or not roles.resolve(project.roles, role).role.protected:
        return
    raise LoginNeededError(
        "role-protected", f"role {role} is protected: it is taken by hand only", hint=f"invoke assume --role {role}"
    )

