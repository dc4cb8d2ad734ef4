"""The task `roles`: what the project declares, what else it could, and the schema for editors.

Data on stdout, talk on stderr.
"""

import json as jsonlib
import sys
from dataclasses import dataclass

from rolecall.credentials.policies.written import FORMS
from rolecall.credentials.store import choice
from rolecall.errors import UsageError
from rolecall.project import roles as declared
from rolecall.project.declared import Project
from rolecall.project.roles import Role
from rolecall.system.clock import human
from rolecall.system.person import person
from rolecall.tasks import door
from rolecall.tasks.roles import policies
from rolecall.workstation.project import permission_sets


@dataclass(frozen=True, slots=True)
class _Marks:
    """The role that applies in this terminal, the one where none was chosen, and the user's own default."""

    current: str | None
    default: str | None
    own_default: str | None


@door.task(
    help={
        "json": "print JSON",
        "import": "propose entries from the profiles of your AWS config file (prints, never writes)",
        "sso": "with --import: from this Identity Center session instead; shows the change, and asks",
        "account": "with --sso: only accounts of this id or name, such as 'shop-*'",
        "permission-set": "with --sso: only permission sets of this name, such as 'ReadOnly*'",
        "name": f"with --sso: how a role is named, of {', '.join(permission_sets.FIELDS)}",
        "yes": "with --sso: write the entries without asking",
        "schema": "print the JSON Schema of roles.toml, for editors",
        "trust-policy": "print the trust policy that lets this identity take this role as declared",
        "identity-policy": "print the policy that this identity needs to take the project's roles",
        "source": "with --identity-policy: what this role needs, to take the roles whose source it is",
        "subject": "with --trust-policy: that of a GitHub Actions token, such as repo:acme/shop:*",
        "as": f"with --trust-policy: {', '.join(FORMS)}",
    }
)
def roles(  # noqa: PLR0917 - Invoke makes a flag of each
    _c: object,
    json: bool = False,
    import_: bool = False,
    schema: bool = False,
    trust_policy: str = "",
    identity_policy: bool = False,
    source: str = "",
    subject: str = "",
    as_: str = "json",
    sso: str = "",
    account: str = "",
    permission_set: str = "",
    name: str = permission_sets.RULE,
    yes: bool = False,
) -> None:
    """List the roles that the project declares."""
    if sso or account or permission_set or yes or name != permission_sets.RULE:
        _import_sso(sso, name, (account, permission_set), is_agreed=yes)
        return
    if trust_policy or identity_policy:
        policies.show(door.here(), trust_policy, policies.Wanted(source, subject, as_))
        return
    if schema:
        from rolecall.project.roles_toml import json_schema

        sys.stdout.write(json_schema.json_schema())
        return
    project = door.here()
    if import_:
        from rolecall.credentials.identity import aws_profiles

        person.put(aws_profiles.proposal(project).rstrip("\n"))
        person.say("this is a proposal: copy the entries that you want into envrc.d/roles.toml")
        return
    _print_roles(project, as_json=json)


def _import_sso(session: str, rule: str, filters: tuple[str, str], *, is_agreed: bool) -> None:
    """Propose what a login reaches. Raises UsageError where no session is named."""
    from rolecall.credentials.identity_center.inventory import Filters
    from rolecall.tasks.roles import importing

    if not session:
        says = "--account, --permission-set, --name and --yes go with --import --sso SESSION"
        raise UsageError("sso-missing", says, hint="invoke --help roles")
    importing.propose(door.here(), importing.Wanted(session, rule, Filters(*filters), is_agreed))


def _print_roles(project: Project, *, as_json: bool) -> None:
    marks = _Marks(choice.current(project), choice.default_here(project), choice.own_default(project))
    if as_json:
        person.put(jsonlib.dumps([_facts(project, role, marks) for role in project.roles.values()], indent=2))
        return
    if not project.roles:
        person.say("no roles: declare them in envrc.d/roles.toml, or try: invoke roles --import")
    width = max((len(name) for name in project.roles), default=0)
    for role in project.roles.values():
        star = "*" if role.name == marks.current else " "
        person.put(f"{star} {role.name:<{width}}  {_described(project, role, marks)}")


def _described(project: Project, role: Role, marks: _Marks) -> str:
    chain = declared.resolve(project.roles, role.name)
    through = " -> ".join(hop.name for hop in chain.hops[:-1])
    traits = {
        f"through {through}": bool(through),
        "protected": chain.is_protected,
        "read-only": role.read_only,
        "MFA": role.mfa,
    }
    if role.name == marks.default:
        traits["your default" if role.name == marks.own_default else "default"] = True
    said = [word for word, is_so in traits.items() if is_so]
    lasts = "as long as Identity Center says" if role.sso else human(chain.duration_seconds)
    return "  ".join([role.role_arn, *said, lasts])


def _facts(project: Project, role: Role, marks: _Marks) -> dict[str, object]:
    chain = declared.resolve(project.roles, role.name)
    return {
        "role": role.name,
        "role_arn": role.role_arn,
        "account": role.account,
        "region": role.region or project.region,
        "through": [hop.name for hop in chain.hops[:-1]],
        "duration_seconds": chain.duration_seconds,
        "protected": chain.is_protected,
        "read_only": role.read_only,
        "mfa": role.mfa,
        "is_current": role.name == marks.current,
        "is_default": role.name == marks.default,
        "is_own_default": role.name == marks.own_default,
    }
