"""The task `roles`: what the project declares, what else it could, and the schema for editors.

Data on stdout, talk on stderr.
"""

import json as jsonlib
import sys

from rolecall.project import roles as declared
from rolecall.project.declared import Project
from rolecall.project.roles import Role
from rolecall.system import person
from rolecall.system.clock import human
from rolecall.tasks import door


@door.task(
    help={
        "json": "print JSON",
        "import": "propose entries from the profiles of your AWS config file (prints, never writes)",
        "schema": "print the JSON Schema of roles.toml, for editors",
    }
)
def roles(_c: object, json: bool = False, import_: bool = False, schema: bool = False) -> None:
    """List the roles that the project declares."""
    if schema:
        from rolecall.project import schema as described

        sys.stdout.write(described.json_schema())
        return
    project = door.here()
    if import_:
        from rolecall.credentials.identity import aws_profiles

        sys.stdout.write(aws_profiles.proposal(project))
        person.say("this is a proposal: copy the entries that you want into envrc.d/roles.toml")
        return
    _print_roles(project, as_json=json)


def _print_roles(project: Project, *, as_json: bool) -> None:
    if as_json:
        print(jsonlib.dumps([_facts(project, role) for role in project.roles.values()], indent=2))
        return
    if not project.roles:
        person.say("no roles: declare them in envrc.d/roles.toml, or try: invoke roles --import")
    width = max((len(name) for name in project.roles), default=0)
    for role in project.roles.values():
        star = "*" if role.name == project.default_role else " "
        print(f"{star} {role.name:<{width}}  {_described(project, role)}")


def _described(project: Project, role: Role) -> str:
    chain = declared.resolve(project.roles, role.name)
    through = " -> ".join(hop.name for hop in chain.hops[:-1])
    traits = {f"through {through}": bool(through), "protected": role.protected, "MFA": role.mfa}
    said = [word for word, is_so in traits.items() if is_so]
    lasts = "as long as Identity Center says" if role.sso else human(chain.duration_seconds)
    return "  ".join([role.role_arn, *said, lasts])


def _facts(project: Project, role: Role) -> dict[str, object]:
    return {
        "role": role.name,
        "role_arn": role.role_arn,
        "account": role.account,
        "region": role.region or project.region,
        "through": [hop.name for hop in declared.resolve(project.roles, role.name).hops[:-1]],
        "duration_seconds": declared.resolve(project.roles, role.name).duration_seconds,
        "protected": role.protected,
        "mfa": role.mfa,
        "is_default": role.name == project.default_role,
    }
