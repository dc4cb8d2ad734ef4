"""The question before a person takes a role that is protected, or that is to be elevated.

Must not take it.
"""

from rolecall.credentials.model import SessionRequest
from rolecall.errors import UsageError
from rolecall.project.approved import record as approved
from rolecall.project.declared import Project
from rolecall.project.roles import Chain
from rolecall.project.roles_toml import values
from rolecall.system.clock import human
from rolecall.system.person import person
from rolecall.system.python.frozen import replace


def elevated(wanted: SessionRequest, elevate: str, *, for_programs: bool) -> SessionRequest:
    """Return `wanted` without the role's `read_only`, for so long. Raises UsageError where it cannot be."""
    chain, name = wanted.chain, wanted.chain.role.name
    if not chain.role.read_only:
        raise UsageError(
            "not-read-only",
            f"role {name} is not read-only, so there is nothing to elevate",
            hint=f"invoke assume --role {name}",
        )
    if for_programs:
        raise UsageError(
            "elevate-for-programs",
            "an elevated session is for one terminal: --elevate and --for-programs do not go together",
            hint=f"invoke assume --role {name} --elevate {elevate}",
        )
    try:
        seconds = values.duration_seconds(elevate)
    except ValueError as problem:
        hint = f"invoke assume --role {name} --elevate 15m"
        raise UsageError("elevate", f"--elevate {elevate}: {problem}", hint=hint) from None
    if seconds > chain.duration_seconds:
        most = human(chain.duration_seconds)
        hint = f"invoke assume --role {name} --elevate {most}"
        raise UsageError("elevate", f"--elevate {elevate}: role {name} lasts {most} at most", hint=hint)
    return replace(wanted, refresh=True, elevate_seconds=seconds)


def ask(wanted: SessionRequest) -> None:
    """Let a person type the name of a role that asks for it. Raises UsageError where they do not."""
    role = wanted.chain.role
    if not (wanted.chain.is_protected or wanted.elevate_seconds):
        return
    marked, aim = ("protected", "take it") if wanted.chain.is_protected else ("read-only", "")
    flag = f" --elevate {human(wanted.elevate_seconds)}" if wanted.elevate_seconds else ""
    if not person.can_ask():
        raise UsageError(
            f"role-{marked}",
            f"role {role.name} is {marked} and asks first; nobody can answer here, so take it in a terminal",
            hint=f"invoke assume --role {role.name}{flag}",
        )
    aim = f"elevate it for {human(wanted.elevate_seconds)}" if wanted.elevate_seconds else aim
    asked = f"{role.name} in account {role.account} is {marked}. Type its name to {aim}"
    if person.ask(asked) != role.name:
        raise UsageError("not-confirmed", f"role {role.name} was not taken")


def approve_changes(project: Project, chain: Chain) -> None:
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
