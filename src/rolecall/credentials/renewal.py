"""A session with time enough for the program it is handed to: renewed early, and kept where that fails.

SDKs, `exec` and `assume` get theirs here; `cd` shows what it has and renews behind the prompt. Must not
print: what a person should know is among the session's notes.
"""

from rolecall.credentials import broker, protection
from rolecall.credentials.aws import environment
from rolecall.credentials.model import HARD_SECONDS
from rolecall.credentials.store import recent_failure, session_file
from rolecall.errors import CredentialError, RolecallError
from rolecall.system.clock import Deadline, human
from rolecall.system.disk.locks import LockBusyError
from rolecall.system.python.frozen import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.credentials.model import Session, SessionRequest
    from rolecall.project.declared import Project

RENEW_SECONDS = 4.0  # a program waits no longer for a new session while the one there is will do
ROOM_SECONDS = 60  # a session of an hour has 59m left when somebody looks


def obtain(
    project: "Project",
    request: "SessionRequest",
    *,
    on_wait: "Callable[[], None]" = lambda: None,
    warn: "Callable[[str], object] | None" = None,
) -> "Session":
    """Return a session that will not end soon, or where it cannot be renewed, the one that still holds.

    A renewal that failed is not tried again for half a minute. Raises what the broker raises, and
    CredentialError where no session of the role can last as long as is asked.
    """
    if protection.is_held_back(request):
        return broker.obtain(project, request, on_wait=on_wait, warn=warn)
    kept = _kept(project, request)
    _refuse_impossible(request, kept)
    if request.refresh or request.mfa_code or kept is None:
        return _long_enough(request, broker.obtain(project, request, on_wait=on_wait, warn=warn))
    needs = max(request.min_ttl_seconds, session_file.in_use_seconds(kept.expires, kept.renew_at))
    if kept.seconds_left(project.place.clock()) >= needs:
        return kept
    wanted = replace(request, min_ttl_seconds=needs)
    return _long_enough(
        request, _renewed(project, wanted, kept, on_wait, warn, is_strict=_is_strict(request))
    )


def _renewed(
    project: "Project",
    wanted: "SessionRequest",
    kept: "Session",
    on_wait: "Callable[[], None]",
    warn: "Callable[[str], object] | None",
    *,
    is_strict: bool,
) -> "Session":
    """Return a new session, or where there is none to be had, `kept`; `is_strict`: then raise."""
    if is_strict:
        return broker.obtain(project, wanted, on_wait=on_wait, warn=warn)
    where = project.place
    mark = environment.mark(project)
    if recent_failure.read(where, kept.role, mark):
        return kept
    since = where.clock()
    try:
        return broker.obtain(
            project, wanted, deadline=Deadline.after(RENEW_SECONDS), on_wait=on_wait, warn=warn
        )
    except LockBusyError:
        return kept  # somebody else is at it
    except RolecallError as problem:
        recent_failure.record(where, kept.role, problem, since=since, mark=mark)
        left = human(kept.seconds_left(where.clock()))
        return replace(kept, notes=(f"the session could not be renewed ({left} left): {problem.message}",))


def _kept(project: "Project", request: "SessionRequest") -> "Session | None":
    """Return the session there is, as long as it is valid."""
    try:
        return broker.obtain(project, replace(request, from_cache=True, refresh=False, min_ttl_seconds=1))
    except CredentialError:
        return None


def _is_strict(request: "SessionRequest") -> bool:
    return request.min_ttl_seconds > HARD_SECONDS


def _refuse_impossible(request: "SessionRequest", kept: "Session | None") -> None:
    """Refuse what no session of this role can have: as declared, or as AWS gave the one there is."""
    longest = request.chain.duration_seconds
    if kept and kept.issued:
        longest = min(longest, kept.expires - kept.issued)
    if _is_strict(request) and request.min_ttl_seconds > longest - ROOM_SECONDS:
        raise _too_long(request, longest)


def _long_enough(request: "SessionRequest", session: "Session") -> "Session":
    """Return `session`; refuse one that AWS made shorter than a person asked for."""
    lifetime = session.expires - session.issued
    if _is_strict(request) and request.min_ttl_seconds > lifetime:
        raise _too_long(request, lifetime)
    return session


def _too_long(request: "SessionRequest", longest: int) -> CredentialError:
    role, most = request.chain.role.name, human(longest - ROOM_SECONDS)
    return CredentialError(
        "min-ttl-too-long",
        f"a session of role {role} lasts {human(longest)} at most, so none can have "
        f"{human(request.min_ttl_seconds)} left",
        hint=f"invoke assume --role {role} --min-ttl {most}",
    )
