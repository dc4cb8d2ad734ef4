"""The file of the approved declarations: private, whole, and written at first use and by an approval.

Holds no secret.
"""

import os

from rolecall.project.roles_toml import role_lines
from rolecall.system.disk import files, paths
from rolecall.system.python.frozen import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rolecall.project.roles import Role
    from rolecall.system.disk.place import Place

NAME = "roles.approved"
ROLES = "envrc.d/roles.toml"
KINDS = ("route.", "portal.", "mfa.")


@dataclass(frozen=True, slots=True)
class Approved:
    """What was approved. `digest` is that of the files that are approved as a whole, else nothing."""

    digest: str
    default: str | None
    routes: "Mapping[str, str]"
    portals: "Mapping[str, str]"
    mfa_processes: "Mapping[str, str]"
    roles: "Mapping[str, Role]"


def read(where: "Place") -> Approved | None:
    """Return what was approved; None where nothing was yet, or the file is not whole."""
    return _read(where.state)


def around(where: "Place") -> "Iterator[Approved]":
    """Yield what was approved of the projects above and below this one that declare nothing any more.

    A pull can move `roles.toml` up or down, and so make of one project another that nobody has used yet.
    """
    mine, folder = paths.project_of(where.key), where.state[: -len(where.key) - 1]
    for key in _known(folder):
        other = paths.project_of(key)
        is_around = other and (f"{other}/".startswith(f"{mine}/") or f"{mine}/".startswith(f"{other}/"))
        if (
            is_around
            and other != mine
            and not os.path.lexists(f"{other}/{ROLES}")
            and (found := _read(f"{folder}/{key}"))
        ):
            yield found


def _known(folder: str, before: str = "") -> "Iterator[str]":
    """Yield the key of each project that was used on this machine."""
    try:
        names = sorted(os.listdir(f"{folder}/{before}"))
    except OSError:
        return
    for name in names:
        if name.endswith(paths.KEY_GOES_ON):
            yield from _known(folder, f"{before}{name}/")
        else:
            yield before + name


def _read(state: str) -> Approved | None:
    checksum, _, text = (files.read_own(f"{state}/{NAME}") or "").partition("\n")
    if not text or checksum != files.sha256(text):
        return None
    above, _, sections = text.partition("\n[")
    facts = role_lines.values_of(above)
    routes, portals, mfa_processes = (_starting(facts, kind) for kind in KINDS)
    roles = role_lines.LazyRoles(f"\n[{sections}" if sections else "")
    return Approved(facts["digest"], facts.get("default"), routes, portals, mfa_processes, roles)


def _starting(facts: "Mapping[str, str]", kind: str) -> dict[str, str]:
    return {name[len(kind) :]: value for name, value in facts.items() if name.startswith(kind)}
