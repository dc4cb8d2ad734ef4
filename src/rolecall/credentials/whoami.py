"""Who this shell is, and what the project's roles have left: questions, never changes.

Owns: asking STS about the credentials in the environment, and reading every session's age.
Must not: fetch or renew a session.
Called by: the tasks whoami and status.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rolecall.credentials.aws import environment as aws_environment
from rolecall.credentials.aws import sdk, sts
from rolecall.credentials.failures import table as failures
from rolecall.credentials.failures.recognise import About
from rolecall.credentials.identity import sdk_session as identity
from rolecall.credentials.store import cache, choice, recent_failure
from rolecall.project.config import Project
from rolecall.system import paths
from rolecall.system.clock import Deadline, within

if TYPE_CHECKING:
    import botocore.session

PATIENCE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What STS says of the credentials at hand; `role` is None where they are the source identity."""

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


def ask(
    project: Project, *, environ: Mapping[str, str] = os.environ, clock: Callable[[], float] = time.time
) -> Answer:
    """Return who the environment's credentials are, or without any, who the source identity is.

    Raises CredentialError where STS refuses or cannot be reached.
    """
    held = environ.get("AWS_SESSION_TOKEN") and environ.get("ROLECALL_ROLE")
    deadline = Deadline.after(PATIENCE_SECONDS)
    try:
        who = within(deadline, lambda: _caller(project, environ, str(held or ""), deadline))
    except TimeoutError:
        raise failures.error("timeout", host="STS") from None
    expires = environ.get("AWS_CREDENTIAL_EXPIRATION") if held else None
    left = int(datetime.fromisoformat(expires).timestamp() - clock()) if expires else None
    return Answer(who.account, who.arn, who.user_id, environ.get("ROLECALL_ROLE") if held else None, left)


def overview(
    project: Project, *, environ: Mapping[str, str] = os.environ, clock: Callable[[], float] = time.time
) -> tuple[Row, ...]:
    """Return a row for each role of the project, from the files alone."""
    folder = paths.runtime_dir(project.key, environ=environ)
    current = choice.current(project, folder, environ=environ)
    names = [*project.roles, *([current] if current and current not in project.roles else [])]
    return tuple(_row(project, folder_name, folder, current, clock) for folder_name in names)


def _row(project: Project, role: str, folder: Path, current: str | None, clock: Callable[[], float]) -> Row:
    entry = cache.read(folder, role)
    left = int(entry.session.seconds_left(clock())) if entry else 0
    failure = recent_failure.read(folder, role, clock=clock)
    declared = project.roles.get(role)
    return Row(
        role,
        declared.role_arn if declared else role,
        left if left > 0 else None,
        role == current,
        failure.says if failure else "",
    )


def _caller(project: Project, environ: Mapping[str, str], held: str, deadline: Deadline) -> sts.Caller:
    session = _held(project, environ) if held else _source(project, environ)
    client = sts.client(
        session, region=project.region, endpoint=None, timeout_seconds=deadline.seconds_left / 3
    )
    return sts.caller(client, deadline=deadline, label=f"role {held}" if held else "the source identity")


def _source(project: Project, environ: Mapping[str, str]) -> "botocore.session.Session":
    who = identity.find(project, environ=environ)
    with sts.explained(About(label=who.label)):
        return identity.sdk_session(who, environ=environ)


def _held(project: Project, environ: Mapping[str, str]) -> "botocore.session.Session":
    session = sdk.bare(aws_environment.of(project, environ))
    session.set_credentials(
        environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"], environ["AWS_SESSION_TOKEN"]
    )
    return session
