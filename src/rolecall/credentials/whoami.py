"""Who this shell is, and what the project's roles have left: questions, never changes.

Must not fetch or renew a session.
"""

from collections.abc import Mapping
from datetime import datetime

from rolecall.credentials import failures, renewal, variables
from rolecall.credentials.aws import config_settings, sts
from rolecall.credentials.aws import environment as aws_environment
from rolecall.credentials.aws.query.signature import Keys
from rolecall.credentials.failures.about import About
from rolecall.credentials.failures.explained import explained
from rolecall.credentials.identity import keys, sources
from rolecall.credentials.identity.keys import Source
from rolecall.credentials.model import ELEVATED, READ_ONLY, FetchRequest, Identity, SessionRequest
from rolecall.credentials.store import cache, choice, held, recent_failure
from rolecall.errors import ConfigError
from rolecall.project import own_profiles, roles
from rolecall.project.declared import Project
from rolecall.project.env_file import dotenv, own_exports
from rolecall.project.roles import Chain
from rolecall.system.clock import Deadline, within
from rolecall.system.disk.place import Place
from rolecall.system.python.frozen import dataclass
from rolecall.system.text.secret import Secret

PATIENCE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """STS's answer about the credentials at hand; `role` is None where they are no role of the project.

    `not_of` is the role that ROLECALL_ROLE names where the keys are another one's. `rights` as of Session.
    """

    account: str
    arn: str
    user_id: str
    role: str | None
    seconds_left: int | None
    not_of: str = ""
    rights: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One role of the project: the time left of this terminal's session in seconds, None where it has none.

    `profile` is the one of the AWS config that serves it, `region` the one that this terminal gets with it,
    `is_region_chosen` whether the terminal chose that. Of a protected role: how many other terminals hold it,
    and how long programs elsewhere may have it.
    """

    role: str
    role_arn: str
    seconds_left: int | None
    is_current: bool
    is_default: bool
    protected: bool
    failure: str
    other_terminals: int = 0
    programs_seconds_left: int | None = None
    rights: str = ""
    profile: str = ""
    region: str | None = None
    is_region_chosen: bool = False


ROW = (
    *("role", "role_arn", "seconds_left", "is_current", "is_default", "protected", "rights", "profile"),
    *("region", "is_region_chosen", "other_terminals", "programs_seconds_left", "failure"),
)


def ask(project: Project) -> Answer:
    """Return who the environment's credentials are, or without any, who the source identity is.

    Raises CredentialError where STS refuses or cannot be reached.
    """
    environ = project.place.environ
    role = (_is_asked_for(environ) or environ.get("AWS_SESSION_TOKEN")) and environ.get("ROLECALL_ROLE")
    deadline = Deadline.after(PATIENCE_SECONDS)
    try:
        who = within(deadline, lambda: _caller(project, str(role or ""), deadline))
    except TimeoutError:
        raise failures.error("timeout", host="STS") from None
    if not role:
        return Answer(who.account, who.arn, who.user_id, None, None)
    if not _is_of(project, str(role), who):
        return Answer(who.account, who.arn, who.user_id, None, None, not_of=str(role))
    keys = _served(project) if _is_asked_for(environ) else environ
    left, rights = _seconds_left(project, keys), _rights(project, str(role), keys)
    return Answer(who.account, who.arn, who.user_id, str(role), left, rights=rights)


def _is_asked_for(environ: Mapping[str, str]) -> bool:
    """Return whether programs here ask for the keys, at an endpoint or by a profile, and hold none."""
    return own_exports.is_served(environ) or own_exports.is_profiled(environ)


def _rights(project: Project, role: str, keys: Mapping[str, str]) -> str:
    """Return what is known of the rights of `keys`, by the sessions on disk."""
    mark, key_id = aws_environment.mark(project), keys.get("AWS_ACCESS_KEY_ID")
    kept = (cache.read(place, role, mark) for place, _ in held.for_programs(project.place))
    return next((entry.session.rights for entry in kept if entry and entry.session.key_id == key_id), "")


def _is_of(project: Project, role: str, who: sts.Caller) -> bool:
    """Return whether the caller is in `role`: an assumed role's ARN has the role's name without its path."""
    try:
        arn = roles.resolve(project.roles, role).role.role_arn
    except ConfigError:
        return False
    kind, _, name = who.arn.partition(":assumed-role/")
    own = arn.rpartition("/")[2]
    given = name.partition("/")[0]
    is_set = given.startswith(f"{own}_") and own.startswith("AWSReservedSSO_")  # its suffix is AWS's own
    return bool(kind) and who.account == arn.split(":")[4] and (given == own or is_set)


def _seconds_left(project: Project, keys: Mapping[str, str]) -> int | None:
    """Return what is said beside `keys` of the time left; None where that is nothing, or no moment."""
    expires = keys.get("AWS_CREDENTIAL_EXPIRATION", "")
    try:
        moment = datetime.fromisoformat(expires)
    except ValueError:
        return None
    return int(moment.timestamp() - project.place.clock()) if moment.tzinfo else None


def identity(
    project: Project, *, chain: Chain | None = None, seconds: float = PATIENCE_SECONDS
) -> sts.Caller | None:
    """Return who the identity is that takes the role of `chain`, by default this terminal's.

    None where a token or login is one itself.

    Asks STS, signed. Raises CredentialError where it is refused, cannot be opened, or not in `seconds`.
    """
    chain = chain or choice.chain(project, "")
    who, deadline = sources.find(project, chain), Deadline.after(seconds)
    if FetchRequest(project, chain, who, deadline).is_direct:
        return None
    try:
        return within(
            deadline, lambda: _caller_of(project, _opened(project, who, deadline), who.label, deadline)
        )
    except TimeoutError:
        raise failures.error("timeout", host="STS") from None


def overview(project: Project) -> tuple[Row, ...]:
    """Return a row for each role of the project, from the files alone."""
    current, default = choice.current(project), choice.default_here(project)
    names = [*project.roles, *([current] if current and current not in project.roles else [])]
    return tuple(
        _row(project, name, is_current=name == current, is_default=name == default) for name in names
    )


def _row(project: Project, role: str, *, is_current: bool, is_default: bool) -> Row:
    mark, is_known = aws_environment.mark(project), role in project.roles or roles.is_arn(role)
    where, chain = project.place, roles.resolve(project.roles, role) if is_known else None
    is_protected = chain is not None and chain.is_protected
    elevated = _left(held.here(where, held.ELEVATED), role, mark)
    own = held.here(where) if is_protected else where
    failure = recent_failure.read(where, role, mark)
    arn = chain.role.role_arn if chain else ""
    chosen = choice.region(where, arn)
    others = [place for place in held.elsewhere(where) if _left(place, role, mark)] if is_protected else []
    return Row(
        role,
        project.roles[role].role_arn if role in project.roles else role,
        elevated or _left(own, role, mark),
        is_current,
        is_default,
        is_protected,
        failure.says if failure else "",
        len(others),
        _left(held.by_programs(where), role, mark) if is_protected else None,
        ELEVATED if elevated else READ_ONLY if chain and chain.role.read_only else "",
        own_profiles.read(where).get(role, ""),
        chosen or (chain and chain.role.region) or project.region,
        chosen is not None,
    )


def _left(where: Place | None, role: str, mark: str) -> int | None:
    """Return the seconds that a session kept at `where` has left; None where there is none that has any."""
    entry = cache.read(where, role, mark) if where else None
    left = int(entry.session.seconds_left(where.clock())) if where and entry else 0
    return left if left > 0 else None


def _caller(project: Project, held: str, deadline: Deadline) -> sts.Caller:
    if held:
        return _caller_of(project, _held(project), f"role {held}", deadline)
    who = sources.find(project)
    return _caller_of(project, _opened(project, who, deadline), who.label, deadline)


def _caller_of(project: Project, source: Source, label: str, deadline: Deadline) -> sts.Caller:
    region = project.region or source.region
    client = sts.client(source.keys, region=region, environ=source.environ, deadline=deadline)
    return sts.caller(client, label=label)


def _opened(project: Project, who: Identity, deadline: Deadline) -> Source:
    with explained(About(label=who.label)):
        return keys.opened(who, environ=project.place.environ, deadline=deadline)


def _served(project: Project) -> Mapping[str, str]:
    """Return the keys that an endpoint or a profile hands out: those of the session on disk."""
    request = SessionRequest(choice.chain(project, project.place.environ["ROLECALL_ROLE"]), from_cache=True)
    return variables.environment(renewal.obtain(project, request))


def _held(project: Project) -> Source:
    environ = project.place.environ
    if _is_asked_for(environ):
        environ = _served(project)
    secret, token = (Secret(environ.get(name, "")) for name in dotenv.SECRETS)
    own = Keys(environ.get("AWS_ACCESS_KEY_ID", ""), secret, token)
    return Source(own, config_settings.added(aws_environment.of(project)))
