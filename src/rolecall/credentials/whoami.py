"""Who this shell is, and what the project's roles have left: questions, never changes.

Must not fetch or renew a session.
"""

from datetime import datetime

from rolecall.credentials import failures
from rolecall.credentials.aws import config_settings, sts
from rolecall.credentials.aws import environment as aws_environment
from rolecall.credentials.aws.signature import Keys
from rolecall.credentials.failures.about import About
from rolecall.credentials.failures.explained import explained
from rolecall.credentials.identity import keys, sources
from rolecall.credentials.identity.keys import Source
from rolecall.credentials.model import FetchRequest, Identity
from rolecall.credentials.store import cache, choice, recent_failure
from rolecall.project.declared import Project
from rolecall.system.clock import Deadline, within
from rolecall.system.frozen import dataclass

PATIENCE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """STS's answer about the credentials at hand; `role` is None where they are the source identity."""

    account: str
    arn: str
    user_id: str
    role: str | None
    seconds_left: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """One role of the project: its session's time left in seconds, None where it has none."""

    role: str
    role_arn: str
    seconds_left: int | None
    is_current: bool
    failure: str


def ask(project: Project) -> Answer:
    """Return who the environment's credentials are, or without any, who the source identity is.

    Raises CredentialError where STS refuses or cannot be reached.
    """
    environ = project.place.environ
    held = environ.get("AWS_SESSION_TOKEN") and environ.get("ROLECALL_ROLE")
    deadline = Deadline.after(PATIENCE_SECONDS)
    try:
        who = within(deadline, lambda: _caller(project, str(held or ""), deadline))
    except TimeoutError:
        raise failures.error("timeout", host="STS") from None
    expires = environ.get("AWS_CREDENTIAL_EXPIRATION") if held else None
    left = int(datetime.fromisoformat(expires).timestamp() - project.place.clock()) if expires else None
    return Answer(who.account, who.arn, who.user_id, environ.get("ROLECALL_ROLE") if held else None, left)


def identity(project: Project, *, seconds: float = PATIENCE_SECONDS) -> sts.Caller | None:
    """Return who the identity is that takes this terminal's role; None where a token or login is one itself.

    Asks STS, signed. Raises CredentialError where it is refused, cannot be opened, or not in `seconds`.
    """
    chain = choice.chain(project, "")
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
    current = choice.current(project)
    names = [*project.roles, *([current] if current and current not in project.roles else [])]
    return tuple(_row(project, name, is_current=name == current) for name in names)


def _row(project: Project, role: str, *, is_current: bool) -> Row:
    entry = cache.read(project.place, role)
    left = int(entry.session.seconds_left(project.place.clock())) if entry else 0
    failure = recent_failure.read(project.place, role)
    return Row(
        role,
        project.roles[role].role_arn if role in project.roles else role,
        left if left > 0 else None,
        is_current,
        failure.says if failure else "",
    )


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


def _held(project: Project) -> Source:
    environ = project.place.environ
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    own = Keys(*(environ.get(name, "") for name in names))
    return Source(own, config_settings.added(aws_environment.of(project)))
