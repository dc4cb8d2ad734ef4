"""The profiles of the person's AWS config that get this project's roles from rolecall: a name for each role.

Setup writes them down, one `ROLE PROFILE` a line, and `envrc.d/50-session.sh` reads them too. Must not read
the AWS config. A `cd` may load this module.
"""

from rolecall.system.disk import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.system.disk.place import Place

NAME = "profiles"
VARIABLE = "ROLECALL_PROFILE"  # beside AWS_PROFILE: that is ours, and no identity


def read(where: "Place") -> dict[str, str]:
    """Return the profile of each role that has one."""
    pairs = (line.partition(" ") for line in (files.read_own(_path(where)) or "").split("\n"))
    return {role: profile for role, _, profile in pairs if role and profile}


def write(where: "Place", profiles: "Mapping[str, str]") -> None:
    """Write down the profile of each role; without any, nothing is left. Raises MachineError."""
    if not profiles:
        files.remove(_path(where))
        return
    files.private_dir(where.state)
    files.write_private(_path(where), "".join(f"{role} {name}\n" for role, name in profiles.items()))


def is_held(environ: "Mapping[str, str]") -> bool:
    """Return whether a program here gets its role through a profile that rolecall exported."""
    return bool(environ.get(VARIABLE)) and environ.get(VARIABLE) == environ.get("AWS_PROFILE")


def _path(where: "Place") -> str:
    return f"{where.state}/{NAME}"
