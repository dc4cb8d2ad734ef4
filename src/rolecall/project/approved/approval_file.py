"""The file of the approved declarations: private, whole, and written at first use and by an approval.

Holds no secret.
"""

from rolecall.project import role_lines
from rolecall.system.disk import files
from rolecall.system.python.frozen import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.project.roles import Role
    from rolecall.system.disk.place import Place

NAME = "roles.approved"
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
    checksum, _, text = (files.read_own(f"{where.state}/{NAME}") or "").partition("\n")
    if not text or checksum != files.sha256(text):
        return None
    above, _, sections = text.partition("\n[")
    facts = role_lines.values_of(above)
    routes, portals, mfa_processes = (_starting(facts, kind) for kind in KINDS)
    roles = role_lines.LazyRoles(f"\n[{sections}" if sections else "")
    return Approved(facts["digest"], facts.get("default"), routes, portals, mfa_processes, roles)


def _starting(facts: "Mapping[str, str]", kind: str) -> dict[str, str]:
    return {name[len(kind) :]: value for name, value in facts.items() if name.startswith(kind)}
