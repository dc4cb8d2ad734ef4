"""A session for `cd`: within the hook's deadline, without a question, and with a memory of failure.

Must not print (the door says one line), prompt, or open a browser.
"""

from rolecall.credentials import broker
from rolecall.credentials.model import SessionRequest
from rolecall.credentials.store import choice, recent_failure
from rolecall.errors import RolecallError
from rolecall.project import config
from rolecall.system import terminal
from rolecall.system.clock import Deadline
from rolecall.system.locks import LockBusyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rolecall.credentials.model import Session
    from rolecall.project.declared import Project
    from rolecall.system.place import Place

SECONDS = 3.8  # of the 4 s that a `cd` may take, from its start: Python's own start is in it
LEAST_SECONDS = 1.0
RENEW_SECONDS = 30.0


def obtain(where: "Place") -> "Session":
    """Return the session of this terminal's role in the project at `where`.

    Raises what the broker raises, and remembers it for half a minute. A protected role is had from its
    cache only, and only in the terminal that took it.
    """
    name, since = recent_failure.PROJECT, where.clock()
    try:
        project = config.read(where)
        name = choice.current(project) or name
        chain = choice.chain(project, "" if name == recent_failure.PROJECT else name)
        is_protected = chain.role.protected
        if is_protected and choice.read(where, terminal.leader()) != name:
            raise broker.refusal(name)
        choice.forget_dead(where)
        request = SessionRequest(chain, from_cache=is_protected)
        return broker.obtain(project, request, deadline=_deadline(where))
    except RolecallError as problem:
        recent_failure.record(where, name, problem, since=since)
        raise


def renew(project: "Project", role: str) -> "Session | None":
    """Renew `role` if it has reached its soft window and nobody else is at it; None where somebody is."""
    since = project.place.clock()
    try:
        chain = choice.chain(project, role)
        if chain.role.protected:
            return None
        request = SessionRequest(chain, renew=True)
        return broker.obtain(project, request, deadline=Deadline.after(0), fetch_seconds=RENEW_SECONDS)
    except LockBusyError:
        return None
    except RolecallError as problem:
        recent_failure.record(project.place, role, problem, since=since)
        raise


def _deadline(where: "Place") -> Deadline:
    """Return what is left of the `cd`; `.envrc` says when it began (bash before 5.0: in whole seconds)."""
    started = where.environ.get("ROLECALL_STARTED", "").replace(",", ".")  # the decimal point is the locale's
    try:
        spent = max(0.0, where.clock() - float(started))
    except ValueError:
        spent = 0.5
    return Deadline.after(max(LEAST_SECONDS, SECONDS - spent))
