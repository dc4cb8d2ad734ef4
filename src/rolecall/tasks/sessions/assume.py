"""The task `assume`: take a role in this terminal, print it for a program, or let it go.

A task parses, calls, prints; data on stdout, talk on stderr.
"""

import time

from rolecall.credentials import on_cd
from rolecall.credentials.aws import environment
from rolecall.credentials.formats.table import FORMATS
from rolecall.credentials.model import HARD_SECONDS, Session, SessionRequest
from rolecall.credentials.store import cache, choice, held
from rolecall.project.declared import Project
from rolecall.system.clock import human
from rolecall.system.disk import place
from rolecall.system.person import person, terminal
from rolecall.system.python.frozen import replace
from rolecall.tasks import door, usage
from rolecall.tasks.sessions import confirm, formats, obtain, picker, regions, terminal_choice


@door.task(
    help={
        "role": "an alias from envrc.d/roles.toml or a full role ARN (default: chosen from a list)",
        "format": f"print credentials instead: {', '.join(FORMATS)}",
        "min-ttl": "renew if less than this is left, such as 45m",
        "refresh": "ask STS for a new session even if the current one is still good",
        "default": "make the role your default in this project, not this terminal's alone",
        "mfa-code": "the MFA code, for a role that wants one (default: asked for)",
        "unset": "let this terminal go back to the default role; with --default, forget your default",
        "elevate": "lift the read-only limit of a role for this long, in this terminal alone, such as 15m",
        "for-programs": "let programs outside this terminal have a protected role, until its session ends",
        "region": "the region of this terminal, such as eu-west-3; `default` lets it go",
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
    region: str | None = None,
) -> None:
    """Take a role in this terminal; it applies from the next prompt on."""
    name = usage.name_of(role)
    if unset:
        other = name or format or region
        terminal_choice.let_go(door.here(), other, default=default, from_programs=for_programs)
        return
    if terminal.in_hook() and not (name or format or region):
        on_cd.obtain(place.at(door.root()), say=person.say)
        door.end_if_alone("assume")
        return
    project = door.here()
    is_plain = not any((name, format, min_ttl, refresh, mfa_code, elevate))
    if is_plain and region is None:
        name = picker.pick_if_possible(project)
    chain = choice.chain(project, name)
    asked = regions.asked(project, chain.role, region, "assume")
    if region and is_plain and not (default or for_programs):
        terminal_choice.record_region(project, chain.role, region)
        return
    fresh = SessionRequest(
        chain,
        min_ttl_seconds=obtain.ttl_seconds(min_ttl, "assume") if min_ttl else HARD_SECONDS,
        refresh=refresh or bool(mfa_code),
        mfa_code=mfa_code,
        for_programs=for_programs,
    )
    formats.check(format)
    session = regions.applied(_taken(project, fresh, elevate, is_printed=bool(format)), asked)
    if format:
        formats.hand_out(project, session, format)
        return
    if region:
        terminal_choice.record_region(project, chain.role, region)
    _tell_terminal(project, session, default=default, is_named=bool(name))
    if not name and len(project.roles) > 1:
        person.say("there is no terminal to choose a role on; name one with --role")
    door.end_if_alone("assume")


def _taken(project: Project, wanted: SessionRequest, elevate: str, *, is_printed: bool) -> Session:
    """Return the session that a person takes, once they approved what has changed for its role."""
    confirm.approve_changes(project, wanted.chain)
    is_for_programs = wanted.for_programs
    if elevate:
        wanted = confirm.elevated(wanted, elevate, for_programs=is_for_programs)
    elif not is_printed:
        _end_elevation(project, wanted.chain.role.name)
    given = is_for_programs and wanted.chain.is_protected
    session = obtain.obtain(project, replace(wanted, for_programs=given, by_hand=person.can_ask()))
    if is_for_programs:
        _say_who_has(session)
    return session


def _end_elevation(project: Project, role: str) -> None:
    """Let this terminal have `role` as it is declared again."""
    if own := held.here(project.place, held.ELEVATED):
        cache.remove(own, role, environment.mark(project))


def _tell_terminal(project: Project, session: Session, *, default: bool, is_named: bool) -> None:
    left = human(session.seconds_left(time.time()))
    until = session.expiration.astimezone().strftime("%H:%M")
    rights = f"{session.rights} · " if session.rights else ""
    here = choice.region(project.place, session.role_arn)
    where = f"{here} · " if here else ""
    person.say(f"{session.role} · {session.account} · {where}{rights}until {until} ({left} left)")
    person.put(session.assumed_arn)
    if default and session.protected:
        person.say(
            f"{session.role} is protected, so it cannot be your default role; only this terminal has it"
        )
    elif default:
        choice.record_default(project, session.role)
        person.say(f"{session.role} is your default role in {project.name}")
    if is_named or session.protected:  # the default is not written down: the terminal follows it
        terminal_choice.record_role(project, session, is_default=default)
    terminal_choice.say_what_wins(project, session.role)


def _say_who_has(session: Session) -> None:
    if not session.protected:
        person.say(f"{session.role} is not protected: every program of yours may have it anyway")
        return
    left = human(session.seconds_left(time.time()))
    person.say(f"your programs may have {session.role} for {left}, also outside this terminal")
