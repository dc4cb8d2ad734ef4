"""The task `assume`: take a role in this terminal, print it for a program, or let it go.

A task parses, calls, prints; data on stdout, talk on stderr.
"""

import time

from rolecall.credentials import on_cd
from rolecall.credentials.aws import environment
from rolecall.credentials.formats.table import FORMATS
from rolecall.credentials.model import HARD_SECONDS, Session, SessionRequest
from rolecall.credentials.store import cache, choice, held
from rolecall.errors import UsageError
from rolecall.project.declared import Project
from rolecall.system.clock import human
from rolecall.system.disk import place
from rolecall.system.person import person, terminal
from rolecall.system.programs import direnv
from rolecall.system.python.frozen import replace
from rolecall.tasks import door, usage
from rolecall.tasks.roles import confirm, formats, obtain, picker


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
    seconds = obtain.ttl_seconds(min_ttl, "assume") if min_ttl else HARD_SECONDS
    chain = choice.chain(project, name)
    if format:
        formats.check(format)
    confirm.approve_changes(project, chain)
    is_new = refresh or bool(mfa_code)
    wanted = SessionRequest(chain, min_ttl_seconds=seconds, refresh=is_new, mfa_code=mfa_code)
    if elevate:
        wanted = confirm.elevated(wanted, elevate, for_programs=for_programs)
    elif not format:
        _end_elevation(project, chain.role.name)
    given = for_programs and chain.is_protected
    session = obtain.obtain(project, replace(wanted, for_programs=given, by_hand=person.can_ask()))
    if for_programs:
        _say_who_has(session)
    if format:
        formats.hand_out(project, session, format)
        return
    _tell_terminal(project, session, default=default, is_named=bool(name))
    if not name and len(project.roles) > 1:
        person.say("there is no terminal to choose a role on; name one with --role")
    door.end_if_alone("assume")


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
