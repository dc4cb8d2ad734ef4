"""The one way to a session: check, lock, check again, fetch, publish.

Decides which places on disk may serve a request. One process fetches, however many ask. Who may have a
protected role, protection says. Must not print, ask, or know a file's format.
"""

from rolecall.credentials import fingerprint, protection
from rolecall.credentials.attempt import Attempt
from rolecall.credentials.model import FetchRequest
from rolecall.credentials.store import cache, choice, held, locked
from rolecall.project import snapshot
from rolecall.project.approved import approval_file
from rolecall.project.approved import record as approved
from rolecall.system.clock import Deadline
from rolecall.system.disk import locks
from rolecall.system.python.frozen import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.credentials.model import Session, SessionRequest
    from rolecall.project.declared import Project
    from rolecall.project.roles import Chain

PATIENCE_SECONDS = 30.0


def obtain(
    project: "Project",
    request: "SessionRequest",
    *,
    deadline: Deadline | None = None,
    fetch_seconds: float | None = None,
    on_wait: "Callable[[], None]" = lambda: None,
    warn: "Callable[[str], object] | None" = None,
) -> "Session":
    """Return the session that is asked for, from the cache or from STS.

    `deadline` is for everything; `fetch_seconds` sets the fetch apart from the wait for the lock. `warn` is
    told where the audit log cannot be written: that does not fail it.

    Where the role waits for an approval, the session that was had before it changed is all there is.

    Raises CredentialError and LoginNeededError (no session to be had), MachineError (it cannot be kept).
    """
    from rolecall.credentials.identity import sources

    until = deadline or Deadline.after(PATIENCE_SECONDS)
    where, chain = project.place, request.chain
    if not request.by_hand:
        locked.refuse(where)
    changes = approved.changes(project)
    if says := changes.ask_for(chain.role.name):
        return _had_before(project, request, says)
    approved.settle(project, changes, is_said=False)
    snapshot.write(project, choice.default(project), has_news=bool(changes.news))
    who = sources.find(project, chain)
    sources.refuse_loop(who, FetchRequest(project, chain, who, until).guard, environ=where.environ)
    attempt = Attempt(project, request, who, fingerprint.of(project, _declared(request), who), where)
    if not request.elevate_seconds and (elevated := _elevated(attempt)):
        return elevated
    if not chain.is_protected and (own := held.here(where)):
        cache.remove(own, chain.role.name, who.environ_mark)  # it was protected; a `cd` reads that one first
    attempts = [replace(attempt, where=place) for place in protection.places(where, request)]
    session = _kept(attempts) or _fetched(_only(attempts, request), until, fetch_seconds, on_wait, warn)
    if request.for_programs:
        given = replace(attempt, where=held.by_programs(where))
        held.make(given.where)
        with locks.exclusive(given.lock, deadline=until):
            given.publish(session)
        given.write_down(session, "for-programs", warn)
    return session


def _declared(request: "SessionRequest") -> "Chain":
    """Return the chain as it is declared, but for the `read_only` that an elevated session is without."""
    return request.chain.elevated if request.elevate_seconds else request.chain


def _elevated(attempt: "Attempt") -> "Session | None":
    """Return what this terminal holds of a read-only role without that, until its end; then it is removed.

    It is never renewed, and nothing but its end, or another declaration, takes its place.
    """
    request, place = attempt.request, held.here(attempt.where, held.ELEVATED)
    if place is None:
        return None
    chain = request.chain.elevated
    wanted = replace(request, chain=chain, from_cache=True, min_ttl_seconds=1)
    word = fingerprint.of(attempt.project, chain, attempt.who)
    own = replace(attempt, request=wanted, fingerprint=word, where=place)
    if entry := own.cached() if request.chain.role.read_only else None:
        own.mark_current(entry)
        return entry.session
    cache.remove(place, chain.role.name, attempt.who.environ_mark)
    return None


def _kept(attempts: "list[Attempt]") -> "Session | None":
    """Return the first session on disk that will do."""
    for attempt in attempts:
        if entry := attempt.cached():
            attempt.mark_current(entry)
            return entry.session
    return None


def _only(attempts: "list[Attempt]", request: "SessionRequest") -> "Attempt":
    """Return the attempt that may ask STS. Raises LoginNeededError where none may."""
    name = request.chain.role.name
    if request.from_cache:
        raise protection.refusal(request)
    if protection.is_held_back(request):
        for attempt in attempts:
            attempt.remove_another_roles()
        raise protection.refusal(request)
    if not attempts:
        raise protection.without_terminal(name)
    if request.chain.is_protected or request.elevate_seconds:
        held.make(attempts[0].where)
    return attempts[0]


def _fetched(
    attempt: "Attempt",
    until: Deadline,
    fetch_seconds: float | None,
    on_wait: "Callable[[], None]",
    warn: "Callable[[str], object] | None",
) -> "Session":
    """Return a session that STS gives: one process asks, the others wait for it. Raises CredentialError."""
    asked = attempt.where.clock()
    with locks.exclusive(attempt.lock, deadline=until, on_wait=on_wait):
        if entry := attempt.cached():
            return entry.session
        attempt.remove_another_roles()
        attempt.give_up_if_failed_since(asked)
        session = attempt.fetched(Deadline.after(fetch_seconds) if fetch_seconds else until)
        attempt.publish(session)
    attempt.write_down(session, "assume", warn)
    return session


def _had_before(project: "Project", request: "SessionRequest", says: str) -> "Session":
    """Return the valid session of the role as it was approved; else raise LoginNeededError."""
    from rolecall.credentials.aws import environment

    role, kept = request.chain.role.name, approval_file.read(project.place)
    before = kept.roles.get(role) if kept else None
    places = protection.places(project.place, request) if before and not request.refresh else ()
    for place in places:
        entry = cache.read(place, role, environment.mark(project))
        if entry and before and entry.session.role_arn == before.role_arn:
            session = entry.session
            if session.seconds_left(place.clock()) >= request.min_ttl_seconds:
                return replace(session, notes=(f"{says}: until you approve it, the earlier session is used",))
    raise approved.needed(project.place, says)
