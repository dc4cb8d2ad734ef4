"""The choices for a terminal, its role and its region; and letting both go."""

from rolecall.credentials.model import Session
from rolecall.credentials.store import choice, held
from rolecall.errors import UsageError
from rolecall.project.declared import Project
from rolecall.project.roles import Role
from rolecall.system.person import person, terminal
from rolecall.system.programs import direnv
from rolecall.tasks.sessions import regions


def record_role(project: Project, session: Session, *, is_default: bool) -> None:
    """Make the role of `session` this terminal's; with `is_default`, it needs no terminal."""
    leader = terminal.leader()
    if leader:
        choice.record(project.place, session.role, leader)
        _say_if_not_loaded(project)
    elif not is_default:
        person.say('no terminal, so no choice to remember; use: eval "$(invoke assume --format bash)"')


def record_region(project: Project, role: Role, name: str) -> None:
    """Make `name` this terminal's region; with `default`, let it follow its role's again."""
    leader = terminal.leader()
    if leader is None:
        how = f'eval "$(invoke assume --region {name} --format bash)"'
        person.say(f"no terminal, so no region to remember; use: {how}")
    elif name == regions.DEFAULT:
        choice.record_region(project.place, "", role.role_arn, leader)
        own = role.region or project.region
        person.say(f"this terminal has the region of its role again{f': {own}' if own else ''}")
    else:
        choice.record_region(project.place, name, role.role_arn, leader)
        person.say(f"{name} is this terminal's region; it applies from the next prompt on")
        _say_if_not_loaded(project)


def say_what_wins(project: Project, role: str) -> None:
    """Say so where the person's own ROLECALL_ROLE goes before `role`."""
    by_hand = choice.set_by_hand(project.place.environ)
    if by_hand and by_hand != role:
        person.say(f"ROLECALL_ROLE={by_hand} is set in this shell and wins: unset ROLECALL_ROLE")


def let_go(project: Project, other: str | None, *, default: bool, from_programs: bool) -> None:
    """Forget what this terminal chose and holds; with a flag instead what it names.

    `default`: this user's own default. `from_programs`: what a person gave to programs. Raises UsageError for
    any `other` flag.
    """
    if other:
        says = "--unset takes no role and no region; of a region alone: --region default"
        raise UsageError("unset-and-take", says, hint="invoke assume --unset")
    if from_programs:
        held.forget(held.by_programs(project.place))
        person.say("programs outside the terminal that took it no longer have a protected role")
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
    say_what_wins(project, "")


def _say_if_not_loaded(project: Project) -> None:
    if not direnv.is_loaded(project.root):
        person.say("direnv has not loaded this folder here: python3 tasks.py setup, or direnv allow")
