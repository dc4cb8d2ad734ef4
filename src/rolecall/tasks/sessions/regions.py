"""`--region`: the region that a person names, for one command or for a terminal."""

from rolecall.credentials.aws import regions
from rolecall.credentials.model import Session
from rolecall.errors import UsageError
from rolecall.project.declared import Project
from rolecall.project.roles import Role
from rolecall.project.roles_toml import values
from rolecall.system.python.frozen import replace

DEFAULT = "default"


def asked(project: Project, role: Role, name: str | None, task_name: str) -> str | None:
    """Return the region that `--region` names, in the partition of `role`; None where the flag was not given.

    `default` is the role's own, where it has one. What the project declares is taken at its word: AWS may
    have a region that botocore does not know yet. Raises UsageError.
    """
    own = role.region or project.region or ""
    if name is None or name == DEFAULT:
        return None if name is None else own
    try:
        says = "" if values.REGION_NAME.read(name) == own else regions.problem(name, role.partition)
    except ValueError as problem:
        says = str(problem)
    if says:
        raise UsageError("region", f"--region {name}: {says}", hint=f"invoke --help {task_name}")
    return name


def applied(session: Session, region: str | None) -> Session:
    """Return `session` for a program that runs in `region`; as it is where none was asked for."""
    return session if region is None else replace(session, region=region or None)
