"""Which role and region this terminal has chosen, and which role this user prefers in this project.

The choice is one small file for each terminal: the role, and on a second line the region behind its partition
("aws/eu-west-3"); either may be none. Those of terminals that are gone are forgotten. In
`envrc.d/30-role.load.sh` bash builtins read the file. Must not know how a session is had.
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
REGION_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-/")
MOST_CHARACTERS = 640  # IAM User Guide, "IAM identifiers": a role's path and name, with room for the rest
MOST_IN_REGION = 90


def record(where: "Place", role: str, leader: "Leader") -> None:
    """Make `role` the choice of `leader`'s terminal; its region stays."""
    forget_dead(where)
    _write(where, leader, role, _chosen(where, leader)[1])


def record_region(where: "Place", region: str, role_arn: str, leader: "Leader") -> None:
    """Make `region`, in the partition of `role_arn`, that of `leader`'s terminal; an empty one lets it go."""
    place = f"{role_arn.split(':')[1]}/{region}" if region else ""
    _write(where, leader, _chosen(where, leader)[0], place)


def region(where: "Place", role_arn: str) -> str | None:
    """Return the region that this terminal chose, where it lies in the partition of `role_arn`."""
    leader = terminal.leader()
    partition, _, name = _chosen(where, leader)[1].partition("/") if leader else ("", "", "")
    return name if name and role_arn.startswith(f"arn:{partition}:") else None


def read(where: "Place", leader: "Leader | None") -> str | None:
    """Return the choice of `leader`'s terminal, or None."""
    return (leader and _chosen(where, leader)[0]) or None


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
    own = own_default(project)
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
    mine, own = read(project.place, leader), own_default(project)
    gone = tuple(dict.fromkeys(name for name in (mine, own) if name and not _is_known(project, name)))
    if leader and mine in gone:
        record(project.place, "", leader)
    if own in gone:
        files.remove(_default_path(project))
    return gone


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
    return _words(_default_path(project))[0] or None


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


def _chosen(where: "Place", leader: "Leader") -> tuple[str, str]:
    return _words(_path(where, leader))


def _path(where: "Place", leader: "Leader") -> str:
    return f"{where.folder}/{FOLDER}/{leader.key}"


def _default_path(project: "Project") -> str:
    return f"{project.place.state}/default-role"


def _words(path: str) -> tuple[str, str]:
    """Return the role and the PARTITION/REGION in a file; nothing where there is none, or it is not whole."""
    role, end, rest = (files.read_own(path) or "").partition("\n")
    place, last, more = rest.partition("\n")
    is_whole = bool(end) and (bool(last) or not place) and not more
    is_short = len(role) <= MOST_CHARACTERS and len(place) <= MOST_IN_REGION
    is_plain = PLAIN.issuperset(role) and REGION_PLAIN.issuperset(place)
    return (role, place) if is_whole and is_short and is_plain else ("", "")


def _write(where: "Place", leader: "Leader", role: str, place: str) -> None:
    """Direnv loads again at each write, so what is there already is not written."""
    if _chosen(where, leader) == (role, place):
        return
    if not (role or place):
        files.remove(_path(where, leader))
        return
    files.private_dir(where.folder)
    files.private_dir(f"{where.folder}/{FOLDER}")
    files.write_private(_path(where, leader), f"{role}\n" + (f"{place}\n" if place else ""))
