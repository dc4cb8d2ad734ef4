"""Tasks about a role's session: assume, exec, whoami, status.

A task parses, calls, prints; data on stdout, talk on stderr. Must not compute anything a library user could
want too.
"""

import json
import time

from rolecall.credentials import on_cd, renewal
from rolecall.credentials import whoami as caller
from rolecall.credentials.aws import environment
from rolecall.credentials.formats.table import FORMATS
from rolecall.credentials.model import HARD_SECONDS, Session, SessionRequest
from rolecall.credentials.store import cache, choice, held, locked, recent_failure
from rolecall.errors import UsageError
from rolecall.project import values
from rolecall.project.approved import record as approved
from rolecall.project.declared import Project
from rolecall.project.roles import Chain
from rolecall.system.clock import human
from rolecall.system.disk import place
from rolecall.system.person import person, terminal
from rolecall.system.programs import direnv
from rolecall.system.python.frozen import replace
from rolecall.tasks import door, usage
from rolecall.tasks.roles import confirm, formats, picker, taken


@door.task(
    help={
        "role": "an alias from envrc.d/roles.toml or a full role ARN (default: chosen from a list)",
        "format": f"print credentials instead: {', '.join(FORMATS)}",
        "min-ttl": "renew if less than this is left, such as 45m",
        "refresh": "ask STS for a new session even if the present one will do",
        "default": "make the role your default in this project, not this terminal's alone",
        "mfa-code": "the MFA code, for a role that wants one (default: asked for)",
        "unset": "let this terminal go back to the default role; with --default, forget your default",
        "elevate": "take a read-only role without that for so long, in this terminal alone, such as 15m",
        "for-programs": "let programs outside this terminal have a protected role, until its session ends",
    }
)
def assume(  # noqa: PLR0917 - Invoke makes a flag of each
    _c: object,
    role: str | None = None,
    format: str = "",
    min_ttl: str = "",
    refresh: bool = False,
    default: bool = False,
    mfa_code: str = "",
    unset: bool = False,
    for_programs: bool = False,
    elevate: str = "",
) -> None:
    """Take a role in this terminal; it applies from the next prompt on."""
    name = usage.name_of(role)
    if unset:
        _let_go(door.here(), name or format, default=default, from_programs=for_programs)
        return
    if terminal.in_hook() and not (name or format):
        on_cd.obtain(place.at(door.root()), say=person.say)
        door.end_if_alone("assume")
        return
    project = door.here()
    if not any((name, format, min_ttl, refresh, mfa_code, elevate)):
        name = picker.pick_if_possible(project)
    seconds = ttl_seconds(min_ttl, "assume") if min_ttl else HARD_SECONDS
    chain = choice.chain(project, name)
    if format:
        formats.check(format)
    _approve_changes(project, chain)
    is_new = refresh or bool(mfa_code)
    wanted = SessionRequest(chain, min_ttl_seconds=seconds, refresh=is_new, mfa_code=mfa_code)
    if elevate:
        wanted = confirm.elevated(wanted, elevate, for_programs=for_programs)
    elif not format:
        _end_elevation(project, chain.role.name)
    given = for_programs and chain.is_protected
    session = obtain(project, replace(wanted, for_programs=given, by_hand=person.can_ask()))
    if for_programs:
        _say_who_has(session)
    if format:
        formats.hand_out(project, session, format)
        return
    _tell_terminal(project, session, default=default, is_named=bool(name))
    if not name and len(project.roles) > 1:
        person.say("there is no terminal to choose a role on; name one with --role")
    door.end_if_alone("assume")


@door.task(help={"json": "print JSON"})
def whoami(_c: object, json: bool = False) -> None:
    """Ask STS who this shell is, and show how long the session lasts."""
    _print_whoami(caller.ask(door.here()), as_json=json)


@door.task(
    help={"json": "print JSON", "history": "list the sessions that were taken in this project instead"}
)
def status(_c: object, json: bool = False, history: bool = False) -> None:
    """List the project's roles, the time left for each, and this terminal's role."""
    if history:
        taken.show(door.here().place, as_json=json)
        return
    project = door.here()
    if locked.is_locked(project.place):
        person.say(f"{project.root} is locked: no role is loaded until you assume one (invoke assume)")
    _print_status(caller.overview(project), as_json=json)


def obtain(project: Project, wanted: SessionRequest, *, is_retry: bool = True) -> Session:
    """Return a session for a command that a person typed.

    Confirms a protected role, forgets a remembered failure where trying again is the point (`is_retry`),
    and says what the command waits for.
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
    return session


def ttl_seconds(min_ttl: str, task_name: str) -> int:
    """Return what `--min-ttl` says, in seconds. Raises UsageError."""
    try:
        return values.duration_seconds(min_ttl, least=0)
    except ValueError as problem:
        raise UsageError(
            "min-ttl", f"--min-ttl {min_ttl}: {problem}", hint=f"invoke --help {task_name}"
        ) from None


def _approve_changes(project: Project, chain: Chain) -> None:
    """Ask about what has changed for this role since it was approved: typing its name is not yet a yes."""
    says = approved.changes(project).ask_for(chain.role.name)
    if not says:
        return
    if not person.can_ask():
        raise approved.needed(project.place, says)
    person.say(says)
    if not person.confirm(f"Approve this, and take {chain.role.name}?"):
        raise UsageError(
            "not-confirmed",
            f"role {chain.role.name} was not taken",
            hint=approved.review_command(project.place),
        )
    approved.accept(project, chain.role.name)


def _end_elevation(project: Project, role: str) -> None:
    """Let this terminal have `role` as it is declared again."""
    if own := held.here(project.place, held.ELEVATED):
        cache.remove(own, role, environment.mark(project))


def _tell_terminal(project: Project, session: Session, *, default: bool, is_named: bool) -> None:
    left = human(session.seconds_left(time.time()))
    until = session.expiration.astimezone().strftime("%H:%M")
    rights = f"{session.rights} · " if session.rights else ""
    person.say(f"{session.role} · {session.account} · {rights}until {until} ({left} left)")
    person.put(session.assumed_arn)
    if default and session.protected:
        person.say(
            f"{session.role} is protected, so it cannot be your default role; only this terminal has it"
        )
    elif default:
        choice.record_default(project, session.role)
        person.say(f"{session.role} is your default role in {project.name}")
    if is_named or session.protected:  # the default is not written down: the terminal follows it
        _record_choice(project, session, is_default=default)
    _say_what_wins(project, session.role)


def _say_who_has(session: Session) -> None:
    if not session.protected:
        person.say(f"{session.role} is not protected: every program of yours may have it anyway")
        return
    left = human(session.seconds_left(time.time()))
    person.say(f"your programs may have {session.role} for {left}, also outside this terminal")


def _record_choice(project: Project, session: Session, *, is_default: bool) -> None:
    leader = terminal.leader()
    if leader:
        choice.record(project.place, session.role, leader)
        if not direnv.is_loaded(project.root):
            person.say("direnv has not loaded this folder here: python3 tasks.py setup, or direnv allow")
    elif not is_default:
        person.say('no terminal, so no choice to remember; use: eval "$(invoke assume --format bash)"')


def _say_what_wins(project: Project, role: str) -> None:
    by_hand = choice.set_by_hand(project.place.environ)
    if by_hand and by_hand != role:
        person.say(f"ROLECALL_ROLE={by_hand} is set in this shell and wins: unset ROLECALL_ROLE")


def _let_go(project: Project, other: str, *, default: bool, from_programs: bool) -> None:
    """Forget what this terminal chose and holds; with a flag instead what it names.

    `default`: this user's own default. `from_programs`: what a person gave to programs.
    """
    if other:
        raise UsageError("unset-and-take", "--unset takes no role", hint="invoke assume --unset")
    if from_programs:
        held.forget(held.by_programs(project.place))
        person.say("programs outside the terminal that took it have no protected role any more")
        return
    leader = terminal.leader()
    if default:
        choice.forget_default(project)
    elif leader:
        choice.forget(project.place, leader)
    else:
        person.say("there is no terminal here, so no choice to let go")
    role = choice.current(project)
    person.say(f"{role} applies in this terminal" if role else "no role applies in this terminal")
    _say_what_wins(project, "")


def _print_whoami(answer: caller.Answer, *, as_json: bool) -> None:
    if as_json:
        facts = {
            "Account": answer.account,
            "Arn": answer.arn,
            "UserId": answer.user_id,
            "Role": answer.role,
            "SecondsLeft": answer.seconds_left,
            "Rights": answer.rights,
        }
        person.put(json.dumps(facts, indent=2))
        return
    left = "does not expire here" if answer.seconds_left is None else f"{human(answer.seconds_left)} left"
    rows = {"account": answer.account, "arn": answer.arn, "user id": answer.user_id, "time": left}
    rows |= {"rights": answer.rights} if answer.rights else {}
    person.put("\n".join(f"{name:<8} {value}" for name, value in rows.items()))
    if answer.not_of:
        person.say(f"ROLECALL_ROLE says {answer.not_of}, but these keys are not of that role")
    elif answer.role is None:
        person.say("this is the source identity: the shell holds no role")


def _print_status(rows: tuple[caller.Row, ...], *, as_json: bool) -> None:
    if as_json:
        person.put(json.dumps([{key: getattr(row, key) for key in caller.ROW} for row in rows], indent=2))
        return
    width = max((len(row.role) for row in rows), default=0)
    for row in rows:
        left = "no session" if row.seconds_left is None else f"{human(row.seconds_left)} left"
        traits = "".join(f"  {trait}" for trait in _traits(row))
        person.put(f"{'*' if row.is_current else ' '} {row.role:<{width}}  {left:<12} {row.role_arn}{traits}")
        if row.failure:
            named = row.failure.startswith(f"role {row.role}")
            person.say(row.failure if named else f"role {row.role}: {row.failure}")


def _traits(row: caller.Row) -> tuple[str, ...]:
    """Return what there is to say of a role beside its session, in words."""
    others = f"held in {row.other_terminals} other terminal{'s' if row.other_terminals > 1 else ''}"
    given = "" if row.programs_seconds_left is None else f"for programs: {human(row.programs_seconds_left)}"
    said = {
        "protected": row.protected,
        row.rights: bool(row.rights),
        others: row.other_terminals > 0,
        given: bool(given),
        "default": row.is_default,
    }
    return tuple(word for word, is_so in said.items() if is_so)
