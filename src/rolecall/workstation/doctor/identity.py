"""Whether AWS accepts the identity that takes the role, and what the last `cd` met.

Its one question is signed and read-only: GetCallerIdentity. Shows no secret.
"""

import difflib
from collections.abc import Iterator

from rolecall.credentials import whoami
from rolecall.credentials.aws import environment
from rolecall.credentials.identity import sources
from rolecall.credentials.store import choice, locked, recent_failure
from rolecall.errors import RolecallError
from rolecall.project import config
from rolecall.project.declared import Project
from rolecall.project.env_file import dotenv
from rolecall.system.programs import direnv
from rolecall.workstation.doctor.symptom import Symptom, fine, note, problem
from rolecall.workstation.keys import age
from rolecall.workstation.steps.step import Context

PATIENCE_SECONDS = 6.0
NAMES = (*dotenv.IDENTITY, dotenv.KEYRING, "ROLE_ARN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL")
CLOSE = 0.85


def look(context: Context) -> Iterator[Symptom]:
    """Yield locked, env-names, identity, key-age and last-failure.

    Nothing where the project's files cannot be read: of those the network's check tells, as it reads them
    first.
    """
    try:
        project = config.load(context.root, environ=direnv.reverted(context.environ))
    except RolecallError:
        return
    if locked.is_locked(project.place):
        yield problem("locked", "this project is locked: nobody gets a session in it", "invoke assume")
    yield from _names(project)
    accepted = _identity(project)
    yield accepted
    if accepted.level == "ok":
        yield _age(project)
        yield _failure(project)


def _names(project: Project) -> Iterator[Symptom]:
    """See which names in `.env` are refused, and which are nearly one that decides who assumes."""
    for line in project.refused:
        yield note("env-names", line, "${EDITOR:-vi} .env")
    for name in project.env:
        close = [] if name in NAMES else difflib.get_close_matches(name, NAMES, n=1, cutoff=CLOSE)
        if close and close[0] not in {*project.env, *project.secrets}:
            yield note(
                "env-names", f"nothing reads {name} in .env; did you mean {close[0]}?", "${EDITOR:-vi} .env"
            )


def _identity(project: Project) -> Symptom:
    if not (project.default_role or project.roles):
        return note("identity", "no role is declared yet, so no identity is needed", "invoke setup")
    try:
        label = sources.find(project).label
        caller = whoami.identity(project, seconds=PATIENCE_SECONDS)
    except RolecallError as cause:
        return problem("identity", cause.message, cause.hint or "invoke whoami")
    if caller is None:
        return fine("identity", "the role is given by a login or a token, without another identity")
    return fine("identity", f"{label}: {caller.arn}")


def _age(project: Project) -> Symptom:
    """See how old the long-lived key is."""
    found = age.days(project)
    if found is None:
        return fine("key-age", "no long-lived key here, or IAM does not tell its age")
    key, days = found
    if days > age.MOST_DAYS:
        return note("key-age", f"access key {key} is {days} days old", "invoke login --rotate")
    return fine("key-age", f"access key {key} is {days} days old")


def _failure(project: Project) -> Symptom:
    """Return what the last `cd` met, while it is remembered."""
    for name in (choice.current(project) or "", recent_failure.PROJECT):
        mark = "" if name == recent_failure.PROJECT else environment.mark(project)
        failure = recent_failure.read(project.place, name, mark) if name else None
        if failure:
            return problem("last-failure", failure.says, "invoke assume")
    return fine("last-failure", "no failure in the last half minute")
