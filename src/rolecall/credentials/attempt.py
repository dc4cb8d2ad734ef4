"""One attempt at a session, for one place on disk: what is kept there, the fetch under a lock, publishing.

Pins the account. The broker decides which places there are, and in which order they are tried.
"""

from rolecall.credentials import protection
from rolecall.credentials.model import FetchRequest
from rolecall.credentials.store import audit, cache, locked, recent_failure
from rolecall.credentials.store.cache import Entry
from rolecall.errors import CredentialError, MachineError
from rolecall.system.clock import Deadline, iso
from rolecall.system.disk import locks
from rolecall.system.python.frozen import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.credentials.model import Identity, Session, SessionRequest
    from rolecall.project.declared import Project
    from rolecall.project.roles import Role
    from rolecall.system.disk.place import Place

SOON_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request, who assumes, and the place on disk that may serve it or is to keep the answer."""

    project: "Project"
    request: "SessionRequest"
    who: "Identity"
    fingerprint: str
    where: "Place"

    @property
    def role(self) -> "Role":
        """The role at the end of the chain."""
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
