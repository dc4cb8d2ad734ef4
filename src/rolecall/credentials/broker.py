"""The one way to a session: check, lock, check again, fetch, publish.

Decides when a cached session will do, and pins the account. One process fetches, however many ask. Must not
print, ask, or know a file's format.
"""

from rolecall.credentials.model import FetchRequest
from rolecall.credentials.store import cache, choice, recent_failure
from rolecall.credentials.store.cache import Entry
from rolecall.errors import CredentialError, LoginNeededError
from rolecall.project import snapshot
from rolecall.system import locks
from rolecall.system.clock import Deadline
from rolecall.system.frozen import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.credentials.model import Identity, Session, SessionRequest
    from rolecall.project.declared import Project
    from rolecall.project.roles import Chain, Role

FORMAT = "2"
PATIENCE_SECONDS = 30.0
DECIDING = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_SSO", "AWS_USE_FIPS_ENDPOINT")


def obtain(
    project: "Project",
    request: "SessionRequest",
    *,
    deadline: Deadline | None = None,
    fetch_seconds: float | None = None,
    on_wait: "Callable[[], None]" = lambda: None,
) -> "Session":
    """Return the session that is asked for, from the cache or from STS.

    `deadline` is for everything; `fetch_seconds` sets the fetch apart from the wait for the lock.

    Raises CredentialError and LoginNeededError (no session to be had), MachineError (it cannot be kept).
    """
    from rolecall.credentials.identity import sources

    until = deadline or Deadline.after(PATIENCE_SECONDS)
    where, chain = project.place, request.chain
    snapshot.write(project, choice.default(project))
    who = sources.find(project, chain)
    call = _Call(project, request, who, _fingerprint(project, chain, who))
    sources.refuse_loop(who, FetchRequest(project, chain, who, until).guard, environ=where.environ)
    if found := call.cached():
        return found
    if request.from_cache:
        raise refusal(chain.role.name)
    asked = where.clock()
    with locks.exclusive(cache.lock_path(where, chain.role.name), deadline=until, on_wait=on_wait):
        if found := call.cached():
            return found
        call.give_up_if_failed_since(asked)
        session = call.fetched(Deadline.after(fetch_seconds) if fetch_seconds else until)
        call.publish(session)
    return session


def unattended(chain: "Chain") -> "SessionRequest":
    """Return the request of a program: a protected role only where a person took it, and never renewed."""
    from rolecall.credentials.model import SessionRequest

    return SessionRequest(chain, from_cache=chain.role.protected)


def refusal(role: str) -> LoginNeededError:
    """Return the error for a protected role where nobody typed its name."""
    return LoginNeededError(
        "role-protected",
        f"role {role} is protected: it is taken by hand only",
        hint=f"invoke assume --role {role}",
    )


@dataclass(frozen=True, slots=True)
class _Call:
    project: "Project"
    request: "SessionRequest"
    who: "Identity"
    fingerprint: str

    @property
    def role(self) -> "Role":
        return self.request.chain.role

    def cached(self) -> "Session | None":
        """Return the session on disk, if it will do.

        One made from an older text of the same facts is marked current. One of another definition or
        identity is removed: a `cd` without STS must not fall back on it.
        """
        where, request = self.project.place, self.request
        entry = cache.read(where, self.role.name)
        if entry is None or request.refresh:
            return None
        if entry.session.fingerprint != self.fingerprint:
            cache.remove(where, self.role.name)
            return None
        now = where.clock()
        if request.renew and now >= entry.session.renew_at:
            return None
        if entry.session.seconds_left(now) < request.min_ttl_seconds:
            return None
        if (entry.inputs, entry.environ_mark) != (self.project.digest, self.who.environ_mark):
            self.publish(entry.session)
        return entry.session

    def publish(self, session: "Session") -> None:
        cache.publish(self.project.place, Entry(session, self.project.digest, self.who.environ_mark))
        recent_failure.clear(self.project.place, session.role)

    def give_up_if_failed_since(self, asked: float) -> None:
        """Raise what the holder of the lock before us met: it tried what we would try now."""
        failure = recent_failure.read(self.project.place, self.role.name)
        if failure and failure.at >= asked:
            raise CredentialError(failure.code, failure.says)

    def fetched(self, until: Deadline) -> "Session":
        """Return a new session. Raises CredentialError where it is of another account than the ARN says."""
        from rolecall.credentials import failures, fetch

        asked = self.request
        is_anew = asked.refresh or bool(asked.mfa_code)
        wanted = FetchRequest(self.project, asked.chain, self.who, until, asked.mfa_code, is_anew)
        try:
            session = fetch.session(wanted, self.fingerprint)
        except TimeoutError:
            raise failures.error("timeout", role=self.role.name, host="AWS") from None
        if session.account != self.role.account:
            raise CredentialError(
                "account-mismatch",
                f"role {session.role}: STS answered for account {session.account}, "
                f"its ARN says {self.role.account}; AWS_ENDPOINT_URL or role_arn is wrong",
                hint="grep -n -e AWS_ENDPOINT_URL -e role_arn .env envrc.d/roles.toml",
            )
        return session


def _fingerprint(project: "Project", chain: "Chain", who: "Identity") -> str:
    """Return one word for everything that determines the answer."""
    from hashlib import sha256

    facts = (
        FORMAT,
        who.fingerprint,
        project.name,
        project.region,
        *(who.environ.get(name) for name in DECIDING),
        chain.duration_seconds,
        *(_hop_facts(hop) for hop in chain.hops),
    )
    return sha256(repr(facts).encode()).hexdigest()[:32]


def _hop_facts(hop: "Role") -> tuple[object, ...]:
    return (
        hop.role_arn,
        hop.region,
        hop.external_id,
        hop.mfa,
        hop.protected,
        hop.policy_arns,
        hop.session_policy,
        sorted(hop.tags.items()),
        hop.transitive_tags,
        hop.source_identity,
        hop.mfa_serial,
        (hop.sso.session, hop.sso.account_id, hop.sso.role_name) if hop.sso else None,
    )
