"""A session for a command that a person typed: the questions, the wait, and what there is to say."""

from rolecall.credentials import renewal
from rolecall.credentials.aws import environment
from rolecall.credentials.model import Session, SessionRequest
from rolecall.credentials.store import choice, locked, recent_failure
from rolecall.errors import UsageError
from rolecall.project.declared import Project
from rolecall.project.roles_toml import values
from rolecall.system.person import person
from rolecall.system.python.frozen import replace
from rolecall.tasks.sessions import confirm


def obtain(project: Project, wanted: SessionRequest, *, is_retry: bool = True) -> Session:
    """Return a session for a command that a person typed.

    Confirms a protected role, forgets a remembered failure where trying again is the point (`is_retry`),
    and says what the command waits for. Its region is this terminal's, where it chose one: the keys are the
    same in every region.
    """
    confirm.ask(wanted)
    if is_retry:
        recent_failure.clear(project.place, wanted.chain.role.name, environment.mark(project))
        recent_failure.clear(project.place, recent_failure.PROJECT)
    session = renewal.obtain(
        project,
        replace(wanted, is_confirmed=True),
        on_wait=lambda: person.say("another process is fetching this session; waiting for it"),
        warn=person.say,
    )
    if wanted.by_hand:
        locked.unlock(project.place)
    for note in session.notes:
        person.say(note)
    return replace(session, region=choice.region(project.place, session.role_arn) or session.region)


def ttl_seconds(min_ttl: str, task_name: str) -> int:
    """Return what `--min-ttl` says, in seconds. Raises UsageError."""
    try:
        return values.duration_seconds(min_ttl, least=0)
    except ValueError as problem:
        raise UsageError(
            "min-ttl", f"--min-ttl {min_ttl}: {problem}", hint=f"invoke --help {task_name}"
        ) from None
