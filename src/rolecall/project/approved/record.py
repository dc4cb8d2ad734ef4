"""The approval of the declarations: what has changed since, what waits for the person, and their yes.

The broker asks here before it fetches, so a `cd`, an SDK and a credential_process are answered alike. A role
that a pull adds needs no approval, and one that a pull removes is remembered: it must not come back in
another account. Holds no secret.
"""

from rolecall.errors import LoginNeededError, MachineError
from rolecall.project.approved import request_routes
from rolecall.project.approved.approval_file import NAME, Approved, around, read
from rolecall.project.roles_toml import role_lines
from rolecall.system import command
from rolecall.system.disk import files, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.project.approved.changes import Changes
    from rolecall.project.declared import Project
    from rolecall.system.disk.place import Place

REVIEW = "review"  # the command that shows changes without running them; workstation.review writes it


def default_role(project: "Project") -> str | None:
    """Return the project's default role; where another one waits for an approval, the one before it.

    None where that one is no longer declared.
    """
    if not changes(project).asks_default:
        return project.default_role
    kept = _kept(project)
    return kept.default if kept and kept.default in project.roles else None


def changes(project: "Project") -> "Changes":
    """Return what has changed since the approval; at a first use, since that of a project it came from."""
    from rolecall.project.approved.changes import Changes, since
    from rolecall.system.python.frozen import replace

    kept = read(project.place)
    if kept is None:
        return _changes_around(project)
    found = Changes() if kept.digest == project.digest else since(kept, project)
    return replace(found, asks_all=_moved_routes(kept, project))


def refuse_moved_routes(project: "Project") -> None:
    """Raise LoginNeededError where signed requests would go elsewhere than the person approved."""
    kept = read(project.place)
    if kept and (says := _moved_routes(kept, project)):
        raise needed(project.place, says)


def needed(where: "Place", says: str) -> LoginNeededError:
    """Return the error for a change that waits for the person's approval."""
    hint = review_command(where)
    return LoginNeededError("approval-needed", f"{says}; that waits for your approval", hint=hint)


def review_command(where: "Place") -> str:
    """Return the command that shows what has changed, and runs nothing of it: no `tasks.py` is loaded."""
    path = f"{where.state}/{REVIEW}"
    return paths.typed(path) if files.mtime_ns(path) is not None else f"{command.OWN}review"


def settle(project: "Project", found: "Changes", *, is_said: bool) -> None:
    """Remember what needs no approval: roles that are new or narrower, and where `is_said`, wider ones.

    Where the state folder cannot be written, nothing is remembered, and a role is had all the same.
    """
    waiting = {**found.asks, **({} if is_said else found.widened)}
    kept = _kept(project)
    if kept is None or not (found.asks_all or kept.digest == project.digest):
        try:
            _write(project, kept, waiting, is_default=not found.asks_default)
        except MachineError:
            return


def accept(project: "Project", role: str = "") -> None:
    """Approve everything as it is now; with `role`, the changes of that role and of where requests go.

    Raises MachineError where that cannot be kept.
    """
    found = changes(project)
    waiting = {**found.asks, **found.widened} if role else {}
    waiting.pop(role, None)
    _write(project, _kept(project), waiting, is_default=not (role and found.asks_default))


def _kept(project: "Project") -> Approved | None:
    """Return what was approved; at a first use, of the project that its roles were moved from."""
    kept = read(project.place)
    if kept is None:
        return next((one for one in around(project.place) if _asks(one, project)), None)
    return kept


def _changes_around(project: "Project") -> "Changes":
    """Return what asks at a first use: a role that is elsewhere in the project that it was moved from."""
    from rolecall.project.approved.changes import Changes

    return next((asks for one in around(project.place) if (asks := _asks(one, project))), Changes())


def _asks(kept: Approved, project: "Project") -> "Changes | None":
    from rolecall.project.approved.changes import Changes, since

    found = since(kept, project)
    asks = Changes(asks=found.asks, asks_default=found.asks_default)
    return asks if asks.asks or asks.asks_default else None


def _moved_routes(kept: Approved, project: "Project") -> str:
    now = request_routes.of(project)
    return next((route.says for name, route in now.items() if kept.routes.get(name) != route.digest), "")


def _write(
    project: "Project", kept: Approved | None, waiting: "Mapping[str, str]", *, is_default: bool
) -> None:
    """Write the roles of now, but as they were before where they are `waiting`, and those that are gone."""
    from rolecall.project.approved.changes import mfa_process, portal

    default = project.default_role
    if kept and (project.env.get("ROLE_ARN") or not is_default):
        default = kept.default
    facts = {"digest": "" if waiting or not is_default else project.digest, "default": default or ""}
    facts |= {f"route.{name}": route.digest for name, route in request_routes.of(project).items()}
    sections = {name: role_lines.section(name, role) for name, role in (kept.roles if kept else {}).items()}
    for name, role in project.roles.items():
        is_old = kept is not None and name in waiting
        if not is_old:
            sections[name] = role_lines.section(name, role)
        facts[f"portal.{name}"] = kept.portals.get(name, "") if kept and is_old else portal(project, name)
        command = kept.mfa_processes.get(name, "") if kept and is_old else mfa_process(project, name)
        facts[f"mfa.{name}"] = command
    above = role_lines.lines_of({name: value for name, value in facts.items() if value or name == "digest"})
    text = "\n".join([above, *sections.values()])
    path = f"{files.private_dir(project.place.state)}/{NAME}"
    whole = f"{files.sha256(text)}\n{text}"
    if files.read_own(path) != whole:
        files.write_private(path, whole)
