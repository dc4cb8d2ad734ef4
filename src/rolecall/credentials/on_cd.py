"""A session for `cd`: within the hook's deadline, without a question, and with a memory of failure.

Owns: what is different when direnv calls, and when a session is renewed behind the prompt.
Must not: print (the door says one line), prompt, or open a browser.
Called by: the task `assume` inside `.envrc`; `python -m rolecall renew`.
"""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from rolecall.credentials import broker
from rolecall.credentials.broker import Wish
from rolecall.credentials.model import Session
from rolecall.credentials.store import choice, recent_failure
from rolecall.errors import RolecallError
from rolecall.project import config
from rolecall.project.config import Project
from rolecall.system import paths, terminal
from rolecall.system.clock import Deadline
from rolecall.system.locks import LockBusyError

SECONDS = 3.8  # of the 4 s that a `cd` may take, from its start: Python's own start is in it
LEAST_SECONDS = 1.0
RENEW_SECONDS = 30.0


def obtain(root: Path, *, environ: Mapping[str, str] = os.environ) -> Session:
    """Return the session of this terminal's role in the project at `root`.

    Raises what the broker raises, and remembers it for half a minute. A protected role is had from its
    cache only, and only in the terminal that took it.
    """
    folder = paths.runtime_dir(paths.project_key(root), environ=environ)
    role = recent_failure.PROJECT
    try:
        project = config.load(root, environ=environ)
        role = choice.current(project, folder, environ=environ) or role
        is_protected = _is_protected(project, role)
        if is_protected and choice.read(folder, terminal.leader()) != role:
            raise broker.refusal(role)
        wish = Wish(None if role == recent_failure.PROJECT else role, from_cache=is_protected)
        return broker.obtain(project, wish, deadline=_deadline(environ), environ=environ)
    except RolecallError as problem:
        recent_failure.record(folder, role, problem)
        raise


def renew(project: Project, role: str, *, environ: Mapping[str, str] = os.environ) -> Session | None:
    """Renew `role` if it has reached its soft window and nobody else is at it; None where somebody is."""
    folder = paths.runtime_dir(project.key, environ=environ)
    if _is_protected(project, role):
        return None
    try:
        return broker.obtain(
            project,
            Wish(role, renew=True),
            deadline=Deadline.after(0),
            fetch_seconds=RENEW_SECONDS,
            environ=environ,
        )
    except LockBusyError:
        return None
    except RolecallError as problem:
        recent_failure.record(folder, role, problem)
        raise


def _is_protected(project: Project, role: str) -> bool:
    return role in project.roles and project.roles[role].protected


def _deadline(environ: Mapping[str, str], *, clock: Callable[[], float] = time.time) -> Deadline:
    """What is left of the `cd`; `.envrc` says when it began (bash before 5.0: in whole seconds)."""
    started = environ.get("ROLECALL_STARTED", "").replace(",", ".")  # the decimal point is the locale's
    try:
        spent = max(0.0, clock() - float(started))
    except ValueError:
        spent = 0.5
    return Deadline.after(max(LEAST_SECONDS, SECONDS - spent))
