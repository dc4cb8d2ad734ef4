"""The profiles of the person's AWS config that get this project's roles from rolecall: a name for each role.

Setup writes them down, one `ROLE PROFILE` a line, and `envrc.d/52-profile.cold.sh` reads them too. Must not
read the AWS config. A `cd` may load this module.
"""

from rolecall.system.disk import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.project.declared import Project
    from rolecall.system.disk.place import Place

NAME = "profiles"


def read(where: "Place") -> dict[str, str]:
    """Return the profile of each role that has one."""
    pairs = (line.partition(" ") for line in (files.read_own(_path(where)) or "").split("\n"))
    return {role: profile for role, _, profile in pairs if role and profile}


def of(project: "Project", role: str) -> str:
    """Return the profile by which a shell or a program gets `role`; empty where it gets keys."""
    return read(project.place).get(role, "") if project.delivery == "profile" else ""


def write(where: "Place", profiles: "Mapping[str, str]") -> None:
    """Write down the profile of each role; without any, nothing is left. Raises MachineError."""
    if not profiles:
        files.remove(_path(where))
        return
    files.private_dir(where.state)
    files.write_private(_path(where), "".join(f"{role} {name}\n" for role, name in profiles.items()))


def _path(where: "Place") -> str:
    return f"{where.state}/{NAME}"
