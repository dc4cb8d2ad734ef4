"""The one way to a session: check, lock, check again, fetch, publish.

Decides when a cached session will do, and pins the account. One process fetches, however many ask. Who may
have a protected role, protection says. Must not print, ask, or know a file's format.
"""

from rolecall.credentials import fingerprint, protection
from rolecall.credentials.model import FetchRequest
from rolecall.credentials.store import audit, cache, choice, held, locked, recent_failure
from rolecall.credentials.store.cache import Entry
from rolecall.errors import CredentialError, MachineError
from rolecall.project import snapshot
from rolecall.project.approved import record as approved
from rolecall.system.clock import Deadline, iso
from rolecall.system.disk import locks
from rolecall.system.python.frozen import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.credentials.model import Identity, Session, SessionRequest
    from rolecall.project.declared import Project
    from rolecall.project.roles import Chain, Role
    from rolecall.system.disk.place import Place

PATIENCE_SECONDS = 30.0
SOON_SECONDS = 3.0


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
    call = _Call(project, request, who, fingerprint.of(project, _declared(request), who), where)
    if not request.elevate_seconds and (elevated := _elevated(call)):
        return elevated
    if not chain.is_protected and (own := held.here(where)):
        cache.remove(own, chain.role.name, who.environ_mark)  # it was protected; a `cd` reads that one first
    calls = [replace(call, where=place) for place in protection.places(where, request)]
    session = _kept(calls) or _fetched(_only(calls, request), until, fetch_seconds, on_wait, warn)
    if request.for_programs:
        given = replace(call, where=held.by_programs(where))
        held.make(given.where)
        with locks.exclusive(given.lock, deadline=until):
            given.publish(session)
        given.write_down(session, "for-programs", warn)
    return session


def _declared(request: "SessionRequest") -> "Chain":
    """Return the chain as it is declared, but for the `read_only` that an elevated session is without."""
    return request.chain.elevated if request.elevate_seconds else request.chain


def _elevated(call: "_Call") -> "Session | None":
    """Return what this terminal holds of a read-only role without that, until its end; then it is removed.

    It is never renewed, and nothing but its end, or another declaration, takes its place.
    """
    request, place = call.request, held.here(call.where, held.ELEVATED)
    if place is None:
        return None
    chain = request.chain.elevated
    wanted = replace(request, chain=chain, from_cache=True, min_ttl_seconds=1)
    word = fingerprint.of(call.project, chain, call.who)
    own = replace(call, request=wanted, fingerprint=word, where=place)
    if entry := own.cached() if request.chain.role.read_only else None:
        own.mark_current(entry)
        return entry.session
    cache.remove(place, chain.role.name, call.who.environ_mark)
    return None


def _kept(calls: "list[_Call]") -> "Session | None":
    """Return the first session on disk that will do."""
    for call in calls:
        if entry := call.cached():
            call.mark_current(entry)
            return entry.session
    return None


def _only(calls: "list[_Call]", request: "SessionRequest") -> "_Call":
    """Return the call that may ask STS. Raises LoginNeededError where none may."""
    name = request.chain.role.name
    if request.from_cache:
        raise protection.refusal(name)
    if protection.is_held_back(request):
        for call in calls:
            call.remove_another_roles()
        raise protection.refusal(name)
    if not calls:
        raise protection.without_terminal(name)
    if request.chain.is_protected or request.elevate_seconds:
        held.make(calls[0].where)
    return calls[0]


def _fetched(
    call: "_Call",
    until: Deadline,
    fetch_seconds: float | None,
    on_wait: "Callable[[], None]",
    warn: "Callable[[str], object] | None",
) -> "Session":
    """Return a session that STS gives: one process asks, the others wait for it. Raises CredentialError."""
    asked = call.where.clock()
    with locks.exclusive(call.lock, deadline=until, on_wait=on_wait):
        if entry := call.cached():
            return entry.session
        call.remove_another_roles()
        call.give_up_if_failed_since(asked)
        session = call.fetched(Deadline.after(fetch_seconds) if fetch_seconds else until)
        call.publish(session)
    call.write_down(session, "assume", warn)
    return session


def _had_before(project: "Project", request: "SessionRequest", says: str) -> "Session":
    """Return the valid session of the role as it was approved; else raise LoginNeededError."""
    from rolecall.credentials.aws import environment

    role, kept = request.chain.role.name, approved.read(project.place)
    before = kept.roles.get(role) if kept else None
    places = protection.places(project.place, request) if before and not request.refresh else ()
    for place in places:
        entry = cache.read(place, role, environment.mark(project))
        if entry and before and entry.session.role_arn == before.role_arn:
            session = entry.session
            if session.seconds_left(place.clock()) >= request.min_ttl_seconds:
                return replace(session, notes=(f"{says}: the session of before is used",))
    raise approved.needed(project.place, says)


@dataclass(frozen=True, slots=True)
class _Call:
    project: "Project"
    request: "SessionRequest"
    who: "Identity"
    fingerprint: str
    where: "Place"

    @property
    def role(self) -> "Role":
        return self.request.chain.role

    @property
    def is_held_back(self) -> bool:
        """Whether the cache may serve it and STS may not."""
        return self.request.from_cache or protection.is_held_back(self.request)

    def cached(self) -> "Entry | None":
        """Return what is on disk, if it will do. Changes nothing: that needs the lock."""
        where, request = self.where, self.request
        entry = cache.read(where, self.role.name, self.who.environ_mark)
        if entry is None or entry.session.fingerprint != self.fingerprint:
            return None
        now = where.clock()
        is_soft = request.renew and now >= entry.session.renew_at
        if (request.refresh or is_soft) and not self.is_held_back:
            return None
        return entry if entry.session.seconds_left(now) >= request.min_ttl_seconds else None

    @property
    def lock(self) -> str:
        """The lock of this session's file."""
        return cache.lock_path(self.where, self.role.name, self.who.environ_mark)

    def mark_current(self, entry: "Entry") -> None:
        """Make a `cd` believe an entry that was made from an older text of the same facts.

        Whoever holds the lock is about to publish a newer one: that is not overwritten.
        """
        if entry.inputs == self.project.digest:
            return
        try:
            with locks.exclusive(self.lock, deadline=Deadline.after(0)):
                if self.cached() == entry:
                    self.publish(entry.session)
        except locks.LockBusyError:
            return

    def remove_another_roles(self) -> None:
        """Remove a session of another ARN, or from before the role was protected or read-only: it is not its.

        A `cd` would fall back on it. Any other one stays until there is a new one, whoever assumed it.
        """
        where, chain = self.where, self.request.chain
        entry = cache.read(where, self.role.name, self.who.environ_mark)
        if entry is None:
            return
        session, is_wider = entry.session, self.role.read_only and not entry.session.rights
        if session.role_arn != self.role.role_arn or session.protected < chain.is_protected or is_wider:
            cache.remove(where, self.role.name, self.who.environ_mark)

    def publish(self, session: "Session") -> None:
        """Put `session` in place of the one before. The lock must be held.

        Raises LoginNeededError where the project was locked meanwhile: `lock` may have looked before.
        """
        cache.publish(self.where, Entry(session, self.project.digest, self.who.environ_mark))
        if not self.request.by_hand and locked.is_locked(self.project.place):
            cache.remove(self.where, session.role, self.who.environ_mark)
            locked.refuse(self.project.place)
        recent_failure.clear(self.where, session.role, self.who.environ_mark)

    def give_up_if_failed_since(self, asked: float) -> None:
        """Raise what the holder of the lock before us met: it tried what we would try now.

        A program hears it a moment longer: hundreds of them never begin at the same time.
        """
        if self.request.by_program:
            asked -= SOON_SECONDS
        failure = recent_failure.read(self.where, self.role.name, self.who.environ_mark)
        if failure and failure.at >= asked:
            raise CredentialError(failure.code, failure.says)

    def fetched(self, until: Deadline) -> "Session":
        """Return a new session. Raises CredentialError where it is of another account than the ARN says."""
        try:
            return self._asked(until)
        except CredentialError as problem:
            if not self.request.is_confirmed:  # whoever waits for the lock reads it; a person was just told
                self._remember(problem)
            raise

    def _remember(self, problem: CredentialError) -> None:
        mark = self.who.environ_mark
        try:
            recent_failure.record(self.where, self.role.name, problem, since=self.where.clock(), mark=mark)
        except MachineError:
            return  # a full disk: the failure itself is still the thing to say

    def write_down(self, session: "Session", event: str, warn: "Callable[[str], object] | None") -> None:
        """Put a line about `session` into the audit log."""
        facts = {
            "role": session.role,
            "role_arn": session.role_arn,
            "account": session.account,
            "who": session.assumed_arn.rpartition("/")[2],
            "identity": self.who.label,
            "rights": session.rights,
            "expires": iso(session.expires),
            "key_id": session.key_id[-4:],
        }
        audit.record(self.project.place, event, facts, warn=warn)

    def _asked(self, until: Deadline) -> "Session":
        from rolecall.credentials import failures, fetch

        asked = self.request
        chain = asked.chain.elevated_for(asked.elevate_seconds) if asked.elevate_seconds else asked.chain
        is_anew = asked.refresh or bool(asked.mfa_code)
        wanted = FetchRequest(
            self.project, chain, self.who, until, asked.mfa_code, is_anew, asked.elevate_seconds > 0
        )
        try:
            session = fetch.session(wanted, self.fingerprint)
        except TimeoutError:
            raise failures.error("timeout", role=self.role.name, host="AWS") from None
        if session.account != self.role.account:
            facts = {"detail": session.account, "account": self.role.account}
            raise failures.error("account-mismatch", role=session.role, **facts)
        return session
