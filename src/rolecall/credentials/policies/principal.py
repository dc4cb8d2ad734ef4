"""Who takes a role, in the words of a trust policy: a user, a role, a permission set, a token's subject."""

from dataclasses import dataclass, field

from rolecall.errors import ConfigError
from rolecall.project.roles import Role

GITHUB_HOST = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
ROOM = "arn:{partition}:iam::{account}:"
SSO_PREFIX = "AWSReservedSSO_"


@dataclass(frozen=True, slots=True)
class Principal:
    """The principal element of a trust policy, the action it needs, and the conditions that narrow it.

    `notes` is what its reader should check.
    """

    element: dict[str, str]
    action: str = "sts:AssumeRole"
    conditions: dict[str, dict[str, object]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def of_caller(arn: str) -> Principal:
    """Return the principal for the caller whose ARN STS gave (GetCallerIdentity).

    A session's ARN has its role's name without the role's path. Raises ConfigError for one that no policy
    can name.
    """
    _, partition, _, _, account, resource = arn.split(":", 5)
    kind, _, name = resource.partition("/")
    room = ROOM.format(partition=partition, account=account)
    if kind == "user" or resource == "root":
        return Principal({"AWS": arn})
    if kind != "assumed-role":
        raise ConfigError("principal-unknown", f"no trust policy can name {arn}", hint="invoke whoami")
    role = name.partition("/")[0]
    if role.startswith(SSO_PREFIX):
        return _any_path(room, f"aws-reserved/sso.amazonaws.com*/{role}")
    note = f"if the role {role} has a path, put it into the principal's ARN"
    return Principal({"AWS": f"{room}role/{role}"}, notes=(note,))


def of_role(role: Role) -> Principal:
    """Return the principal for a role of the project, which assumes the next one."""
    if role.sso is None:
        return Principal({"AWS": role.role_arn})
    _, partition, _, _, account, _ = role.role_arn.split(":", 5)
    pattern = f"aws-reserved/sso.amazonaws.com*/{SSO_PREFIX}{role.sso.role_name}_*"
    return _any_path(ROOM.format(partition=partition, account=account), pattern)


def of_github(subject: str, role: Role) -> Principal:
    """Return the principal for GitHub Actions with a token of `subject` (repo:OWNER/NAME:…).

    (GitHub, "Configuring OpenID Connect in Amazon Web Services".) A star in the subject stands for anything.
    """
    _, partition, _, _, account, _ = role.role_arn.split(":", 5)
    test = "StringLike" if "*" in subject else "StringEquals"
    conditions: dict[str, dict[str, object]] = {"StringEquals": {f"{GITHUB_HOST}:aud": AUDIENCE}}
    conditions.setdefault(test, {})[f"{GITHUB_HOST}:sub"] = subject
    provider = f"arn:{partition}:iam::{account}:oidc-provider/{GITHUB_HOST}"
    note = f"the account needs the identity provider {provider}"
    return Principal({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", conditions, (note,))


def _any_path(room: str, pattern: str) -> Principal:
    """Return a role whose path or suffix is not known: its account, and a condition on the role's ARN."""
    return Principal(
        {"AWS": f"{room}root"}, conditions={"ArnLike": {"aws:PrincipalArn": f"{room}role/{pattern}"}}
    )
