"""A session for `cd`: within the hook's deadline, without a question, and with a memory of failure.

Must not print (the door says one line), prompt, or open a browser.
"""

import sys

from rolecall.credentials import broker
from rolecall.credentials.aws import environment
from rolecall.credentials.model import SessionRequest
from rolecall.credentials.store import cache, choice, held, locked, recent_failure
from rolecall.errors import MachineError, RolecallError
from rolecall.project import config
from rolecall.project.approved import record as approved
from rolecall.system.clock import Deadline
from rolecall.system.disk.locks import LockBusyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.credentials.model import Session
    from rolecall.project.approved.changes import Changes
    from rolecall.project.declared import Project
    from rolecall.system.disk.place import Place

SECONDS = 3.8  # of the 4 s that a `cd` may take, from its start: Python's own start is in it
LEAST_SECONDS = 1.0
RENEW_SECONDS = 30.0


def obtain(where: "Place", *, say: "Callable[[str], object]") -> "Session":
    """Return the session of this terminal's role in the project at `where`.

    Raises what the broker raises, and remembers it for half a minute. `say` is told of a choice that holds
    no more, and of an audit log that cannot be written.
    """
    name, mark, since = recent_failure.PROJECT, "", where.clock()
    try:
        project = config.read(where)
        mark = environment.mark(project)
        changes = _tell_changes(project, say)
        _forget_removed(project, mark, say)
        name = choice.current(project) or name
        chain = choice.chain(project, "" if name == recent_failure.PROJECT else name)
        name = chain.role.name
        choice.forget_dead(where)
        if waits := changes.ask_for(name):
            raise approved.needed(where, waits)
        return broker.obtain(project, SessionRequest(chain), deadline=_deadline(where), warn=say)
    except RolecallError as problem:
        if problem.code == locked.CODE:
            raise  # the mark itself is read at each `cd`, and may be gone at the next
        if problem.code in ("role-unknown", "role-protected"):
            _drop_unusable(where, name, mark, problem.code)
        _remember(where, name, mark, problem, since=since)
        raise


def renew(project: "Project", role: str) -> "Session | None":
    """Renew `role` if it has reached its soft window and nobody else is at it; None where somebody is."""
    mark, since = environment.mark(project), project.place.clock()
    try:
        request = SessionRequest(choice.chain(project, role), renew=True)
        return broker.obtain(project, request, deadline=Deadline.after(0), fetch_seconds=RENEW_SECONDS)
    except LockBusyError:
        return None
    except RolecallError as problem:
        _remember(project.place, role, mark, problem, since=since)
        raise


def _tell_changes(project: "Project", say: "Callable[[str], object]") -> "Changes":
    """Say once what a pull has changed in the roles; once is where a person reads it, not an editor."""
    changes = approved.changes(project)
    if changes.news:
        say(changes.news)
        approved.settle(project, changes, is_said=sys.stderr.isatty())
    if changes.asks_default:
        says = f"{changes.asks_default}; that waits for your approval"
        say(f"{says} ({approved.review_command(project.place)})")
    return changes


def _forget_removed(project: "Project", mark: str, say: "Callable[[str], object]") -> None:
    """Let go of a role that the project has removed: the next one that applies takes its place."""
    for gone in choice.forget_removed(project):
        _remove(project.place, gone, mark)
        say(f"role {gone} is no longer in envrc.d/roles.toml; this terminal lets go of it")


def _drop_unusable(where: "Place", role: str, mark: str, code: str) -> None:
    """Remove a session that `.envrc` would go on exporting while it is valid.

    Its role is removed from `roles.toml`, or has become protected since it was taken without a word.
    """
    if code == "role-unknown":
        _remove(where, role, mark)
    elif (entry := cache.read(where, role, mark)) and not entry.session.protected:
        cache.remove(where, role, mark)


def _remove(where: "Place", role: str, mark: str) -> None:
    """Remove the session of `role`, also what this terminal holds of it."""
    for place in (where, *(held.here(where, kind) for kind in held.KINDS)):
        if place:
            cache.remove(place, role, mark)


def _remember(where: "Place", role: str, mark: str, problem: RolecallError, *, since: float) -> None:
    """Remember `problem`; where the disk is full, the problem itself is still the thing to say."""
    try:
        recent_failure.record(where, role, problem, since=since, mark=mark)
    except MachineError:
        return


def _deadline(where: "Place") -> Deadline:
    """Return what is left of the `cd`; `.envrc` says when it began (bash before 5.0: in whole seconds)."""
    started = where.environ.get("ROLECALL_STARTED", "").replace(",", ".")  # the decimal point is the locale's
    try:
        spent = max(0.0, where.clock() - float(started))
    except ValueError:
        spent = 0.5
    return Deadline.after(max(LEAST_SECONDS, SECONDS - spent))
