"""The one way to a session: check, lock, check again, fetch, publish.

Owns: when a cached session will do, single flight between processes, and the account pin.
Must not: print, ask, or know a file's format.
Called by: tasks, the machine's door, `rolecall.session()`, the fixtures.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rolecall.credentials import fetch
from rolecall.credentials.failures import table as failures
from rolecall.credentials.fetch import Fetch
from rolecall.credentials.identity import sdk_session as identity
from rolecall.credentials.model import HARD_SECONDS, Identity, Session
from rolecall.credentials.store import cache, choice, recent_failure, snapshot
from rolecall.credentials.store.cache import Entry
from rolecall.errors import ConfigError, CredentialError, LoginNeededError
from rolecall.project import roles
from rolecall.project.config import Project
from rolecall.project.roles import Chain, Role
from rolecall.system import locks, paths
from rolecall.system.clock import Deadline

FORMAT = "1"
PATIENCE_SECONDS = 30.0
DECIDING = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_SSO", "AWS_USE_FIPS_ENDPOINT")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller wants: a role, and how fresh. Durations in seconds.

    `renew`: only if the session has reached its soft window and nobody else is at it. `from_cache`: only
    if nothing has to be fetched.
    """

    role: str | None = None
    min_ttl_seconds: float = HARD_SECONDS
    refresh: bool = False
    renew: bool = False
    from_cache: bool = False
    mfa_code: str = field(default="", repr=False)


def prefer(project: Project, role: str, *, environ: Mapping[str, str] = os.environ) -> None:
    """Make `role` this user's default, in every terminal that chose none, from its next prompt on."""
    choice.record_default(project, role, environ=environ)
    snapshot.write(paths.runtime_dir(project.key, environ=environ), project, role)


def unattended(role: Role, *, renew: bool = False) -> Wish:
    """Return the wish of a program: a protected role only where a person took it, and never renewed."""
    return Wish(role.name, renew=renew and not role.protected, from_cache=role.protected)


def obtain(
    project: Project,
    wish: Wish = Wish(),
    *,
    deadline: Deadline | None = None,
    fetch_seconds: float | None = None,
    environ: Mapping[str, str] = os.environ,
    clock: Callable[[], float] = time.time,
    on_wait: Callable[[], None] = lambda: None,
) -> Session:
    """Return a session of the wished role, from the cache or from STS.

    `deadline` is for everything; `fetch_seconds` sets the fetch apart from the wait for the lock.

    Raises ConfigError (unknown role), CredentialError and LoginNeededError (no session to be had),
    MachineError (it cannot be kept).
    """
    until = deadline or Deadline.after(PATIENCE_SECONDS)
    folder = paths.runtime_dir(project.key, environ=environ)
    inputs = snapshot.write(folder, project, choice.default(project, environ=environ))
    chain = roles.resolve(project.roles, wish.role or _selected(project, folder, environ))
    who = identity.find(project, chain=chain, environ=environ)
    identity.refuse_loop(who, fetch.guard(project, chain), environ=environ)
    fingerprint = _fingerprint(project, chain, who)
    call = _Call(folder, chain, who, fingerprint, inputs, wish, clock)
    if found := call.cached():
        return found
    if wish.from_cache:
        raise refusal(chain.role.name)
    asked = clock()
    with locks.exclusive(cache.lock_path(folder, chain.role.name), deadline=until, on_wait=on_wait):
        if found := call.cached():
            return found
        call.give_up_if_failed_since(asked)
        left = Deadline.after(fetch_seconds) if fetch_seconds else until
        session = _fetched(call, Fetch(project, chain, who, left, environ, wish.mfa_code))
        call.publish(session)
    return session


def refusal(role: str) -> LoginNeededError:
    """Return the error for a protected role where nobody typed its name."""
    return LoginNeededError(
        "role-protected",
        f"role {role} is protected: it is taken by hand only",
        hint=f"invoke assume --role {role}",
    )


@dataclass(frozen=True, slots=True)
class _Call:
    folder: Path
    chain: Chain
    who: Identity
    fingerprint: str
    inputs: str
    wish: Wish
    clock: Callable[[], float]

    def cached(self) -> Session | None:
        """The session on disk, if it will do.

        One made from an older text of the same facts is marked current. One of another definition or
        identity is removed: a `cd` without STS must not fall back on it.
        """
        entry = cache.read(self.folder, self.chain.role.name)
        if entry is None or self.wish.refresh:
            return None
        if entry.session.fingerprint != self.fingerprint:
            cache.remove(self.folder, self.chain.role.name)
            return None
        now = self.clock()
        if self.wish.renew and now >= entry.session.renew_at:
            return None
        if entry.session.seconds_left(now) < self.wish.min_ttl_seconds:
            return None
        if (entry.inputs, entry.environ_mark) != (self.inputs, self.who.environ_mark):
            self.publish(entry.session)
        return entry.session

    def publish(self, session: Session) -> None:
        cache.publish(self.folder, Entry(session, self.inputs, self.who.environ_mark))
        recent_failure.clear(self.folder, session.role)

    def give_up_if_failed_since(self, asked: float) -> None:
        """Whoever held the lock before us tried what we would try now."""
        failure = recent_failure.read(self.folder, self.chain.role.name, clock=self.clock)
        if failure and failure.until - recent_failure.SECONDS >= int(asked):
            raise CredentialError(failure.code, failure.says)


def _selected(project: Project, folder: Path, environ: Mapping[str, str]) -> str:
    role = choice.current(project, folder, environ=environ)
    if role is None:
        raise ConfigError(
            "role-missing",
            f"project {project.name} names no role: neither envrc.d/roles.toml nor ROLE_ARN in .env",
            hint="invoke setup",
        )
    return role


def _fetched(call: _Call, wanted: Fetch) -> Session:
    try:
        session = fetch.session(wanted, call.fingerprint)
    except TimeoutError:
        raise failures.error("timeout", role=call.chain.role.name, host="AWS") from None
    if session.account != call.chain.role.account:
        raise CredentialError(
            "account-mismatch",
            f"role {session.role}: STS answered for account {session.account}, "
            f"its ARN says {call.chain.role.account}",
            hint="check AWS_ENDPOINT_URL and role_arn in envrc.d/roles.toml",
        )
    return session


def _fingerprint(project: Project, chain: Chain, who: Identity) -> str:
    """Everything that determines the answer, as one word."""
    facts = [
        FORMAT,
        who.fingerprint,
        project.name,
        project.region,
        [who.environ.get(name) for name in DECIDING],
        chain.duration_seconds,
        [
            [
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
                [hop.sso.session, hop.sso.account_id, hop.sso.role_name] if hop.sso else None,
            ]
            for hop in chain.hops
        ],
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]
