"""The tasks `whoami` and `status`: who this shell is, and what the project's roles have left."""

import json

from rolecall.credentials import whoami as caller
from rolecall.credentials.store import locked
from rolecall.system.clock import human
from rolecall.system.person import person
from rolecall.tasks import door
from rolecall.tasks.sessions import taken


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
    rows = {"account": answer.account, "arn": answer.arn, "user id": answer.user_id, "time": _time(answer)}
    rows |= {"rights": answer.rights} if answer.rights else {}
    person.put("\n".join(f"{name:<8} {value}" for name, value in rows.items()))
    if answer.not_of:
        person.say(f"ROLECALL_ROLE says {answer.not_of}, but these keys are not of that role")
    elif answer.role is None:
        person.say("this is the source identity: the shell holds no role")


def _time(answer: caller.Answer) -> str:
    """Return in words how long the keys last: those of a user do not end, those of a session always do."""
    if answer.seconds_left is not None:
        return f"{human(answer.seconds_left)} left"
    is_session = answer.arn.split(":")[2] == "sts"
    return "not known here" if is_session else "does not expire"


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
        f"profile {row.profile}": bool(row.profile),
        f"{row.region}, this terminal's region": row.is_current and row.is_region_chosen,
        "default": row.is_default,
    }
    return tuple(word for word, is_so in said.items() if is_so)
