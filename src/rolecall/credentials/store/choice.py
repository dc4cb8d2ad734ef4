"""Which role this terminal has chosen, and which one this user prefers in this project.

The choice is one small file for each terminal; those of terminals that are gone are forgotten.
`envrc.d/30-role.sh` reads it with bash builtins. Must not know how a session is had.
"""

import os

from rolecall.credentials.store import held
from rolecall.errors import ConfigError
from rolecall.project import roles, snapshot
from rolecall.project.approved import record as approved
from rolecall.system.disk import files, paths
from rolecall.system.person import terminal
from rolecall.system.programs import direnv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.project.declared import Project
    from rolecall.project.roles import Chain
    from rolecall.system.disk.place import Place
    from rolecall.system.person.terminal import Leader

FOLDER = "terminals"
PLAIN = paths.NAME_PLAIN | frozenset(":/")
MOST_CHARACTERS = 640  # IAM User Guide, "IAM identifiers": a role's path and name, with room for the rest


def record(where: "Place", role: str, leader: "Leader") -> None:
    """Make `role` the choice of `leader`'s terminal."""
    files.private_dir(where.folder)
    files.private_dir(f"{where.folder}/{FOLDER}")
    forget_dead(where)
    path = _path(where, leader)
    if _role(path) != role:  # direnv loads again at each write
        files.write_private(path, f"{role}\n")


def read(where: "Place", leader: "Leader | None") -> str | None:
    """Return the choice of `leader`'s terminal, or None."""
    return _role(_path(where, leader)) if leader else None


def forget_dead(where: "Place") -> None:
    """Remove the files of terminals whose session leader is gone, and the sessions that they held."""
    held.forget_closed(where)
    for folder in (f"{where.folder}/{FOLDER}", f"{where.folder}/{snapshot.WATCHES}"):
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            pid, _, started = name.partition("-")
            if pid.isdigit() and terminal.started_at(int(pid)) != started.partition("+")[0]:
                files.remove(f"{folder}/{name}")


def default(project: "Project") -> str | None:
    """Return the role of a terminal that chose none: this user's default, else the project's.

    A default that the project has removed since does not count, nor one of the project that waits for an
    approval.
    """
    own = _role(_default_path(project))
    return own if own and _is_known(project, own) else approved.default_role(project)


def default_here(project: "Project") -> str | None:
    """Return the role that the folder's own `use rolecall ROLE` names, else `default`."""
    environ = project.place.environ
    is_ours = environ.get("ROLECALL_PROJECT") == os.path.realpath(project.place.root)
    return (environ.get("ROLECALL_DEFAULT_ROLE") if is_ours else None) or default(project)


def forget_removed(project: "Project") -> tuple[str, ...]:
    """Forget this terminal's choice and this user's default where the project has removed that role.

    Return the names that are forgotten.
    """
    leader = terminal.leader()
    paths_of = [_path(project.place, leader)] if leader else []
    gone = {path: _role(path) for path in (*paths_of, _default_path(project))}
    removed = {path: name for path, name in gone.items() if name and not _is_known(project, name)}
    for path in removed:
        files.remove(path)
    return tuple(dict.fromkeys(removed.values()))


def record_default(project: "Project", role: str) -> None:
    """Make `role` this user's default, in every terminal that chose none, from its next prompt on."""
    files.private_dir(project.place.state)
    files.write_private(_default_path(project), f"{role}\n")
    snapshot.write(project, role)


def forget(where: "Place", leader: "Leader") -> None:
    """Let `leader`'s terminal go back to the default; what it alone holds goes with it."""
    files.remove(_path(where, leader))
    for kind in held.KINDS:
        held.forget(held.by_terminal(where, leader, kind))


def own_default(project: "Project") -> str | None:
    """Return the default that this user chose over the project's; None where there is none."""
    return _role(_default_path(project))


def forget_default(project: "Project") -> None:
    """Go back to the project's default role, in every terminal that chose none."""
    files.remove(_default_path(project))
    snapshot.write(project, approved.default_role(project))


def set_by_hand(environ: "Mapping[str, str]") -> str | None:
    """Return ROLECALL_ROLE where the person set it: what `.envrc` itself exported is not their word."""
    before, loaded = direnv.changes(environ).get("ROLECALL_ROLE", (environ.get("ROLECALL_ROLE"), None))
    now = environ.get("ROLECALL_ROLE")
    return now if now != loaded else before


def current(project: "Project") -> str | None:
    """Return the name of the role that applies here without `--role`.

    ROLECALL_ROLE set by the person, else this terminal's choice (if the project still has that role), else
    the default here, else ROLE_ARN in the environment. A role that `.envrc` itself exported does not count
    as the person's word.
    """
    environ = project.place.environ
    by_hand = set_by_hand(environ)
    return (
        by_hand or _known_choice(project) or default_here(project) or direnv.reverted(environ).get("ROLE_ARN")
    )


def chain(project: "Project", role: str = "") -> "Chain":
    """Return the chain to `role`, an alias or an ARN; without one, to the role that applies here.

    Raises ConfigError where the project knows no such role, or names none.
    """
    name = role or current(project)
    if name is None and (says := approved.changes(project).asks_default):
        raise approved.needed(project.place, says)
    if name is None:
        raise ConfigError(
            "role-missing",
            f"project {project.name} names no role: neither envrc.d/roles.toml nor ROLE_ARN in .env",
            hint="invoke setup",
        )
    return roles.resolve(project.roles, name)


def _known_choice(project: "Project") -> str | None:
    name = read(project.place, terminal.leader())
    return name if name and _is_known(project, name) else None


def _is_known(project: "Project", name: str) -> bool:
    return name in project.roles or name.startswith("arn:")


def _path(where: "Place", leader: "Leader") -> str:
    return f"{where.folder}/{FOLDER}/{leader.key}"


def _default_path(project: "Project") -> str:
    return f"{project.place.state}/default-role"


def _role(path: str) -> str | None:
    """Return the role's name in a file; None where there is none, or it is no alias and no ARN."""
    word, end, rest = (files.read_own(path) or "").partition("\n")
    return (
        word
        if word and end and not rest and len(word) <= MOST_CHARACTERS and PLAIN.issuperset(word)
        else None
    )
