"""A role, and the chain of roles that leads to it: resolving an alias or an ARN.

Must not read files (config does) or call AWS. A `cd` loads this module: re and difflib wait for a caller
that needs them.
"""

from rolecall.errors import ConfigError
from rolecall.system.python.frozen import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# IAM User Guide, "IAM identifiers": partition, 12-digit account, path and name of up to 512 + 64 characters.
ARN = r"arn:(aws[a-z-]*):iam::([0-9]{12}):role/((?:[\x21-\x7e]+/)?[A-Za-z0-9_+=,.@-]{1,64})"
ALIAS = r"[A-Za-z0-9][A-Za-z0-9_.@+=,-]{0,63}"
DEFAULT_SECONDS = 3600
READ_ONLY_POLICY = "ReadOnlyAccess"  # AWS managed policies, reference guide
CHAINED_MOST_SECONDS = 3600  # AssumeRole, API reference: role chaining limits a session to one hour


@dataclass(frozen=True, slots=True)
class SsoSession:
    """An IAM Identity Center portal to log in to."""

    name: str
    start_url: str
    region: str
    scopes: tuple[str, ...] = ("sso:account:access",)


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """A role that Identity Center gives: `session` names the portal."""

    session: str
    account_id: str
    role_name: str

    @property
    def arn(self) -> str:
        """The role's ARN without the random suffix that only the account knows."""
        path = "aws-reserved/sso.amazonaws.com"
        return f"arn:aws:iam::{self.account_id}:role/{path}/AWSReservedSSO_{self.role_name}"


@dataclass(frozen=True, slots=True)
class Role:
    """One role as the team declares it; durations in seconds. `sso` is set where Identity Center gives it."""

    name: str
    role_arn: str
    region: str | None = None
    duration_seconds: int = DEFAULT_SECONDS
    source: str | None = None
    external_id: str | None = None
    mfa: bool = False
    protected: bool = False
    policy_arns: tuple[str, ...] = ()
    session_policy: str | None = None  # the policy's JSON text
    tags: "Mapping[str, str]" = field(default_factory=dict)
    transitive_tags: tuple[str, ...] = ()
    source_identity: str | None = None
    mfa_serial: str | None = None
    sso: PermissionSet | None = None
    read_only: bool = False

    @property
    def narrowing_arns(self) -> tuple[str, ...]:
        """The managed policies that narrow the session: those declared, or AWS's own for reading."""
        if not self.read_only:
            return self.policy_arns
        return (f"arn:{self.role_arn.split(':')[1]}:iam::aws:policy/{READ_ONLY_POLICY}",)

    @property
    def account(self) -> str:
        """The 12-digit account id in the ARN."""
        return self.role_arn.split(":")[4]

    @property
    def partition(self) -> str:
        """The partition in the ARN, such as "aws" or "aws-cn"."""
        return self.role_arn.split(":")[1]


@dataclass(frozen=True, slots=True)
class Chain:
    """The hops from the identity to a role: the first is assumed by the identity, the last is the role."""

    hops: tuple[Role, ...]

    @property
    def role(self) -> Role:
        """The role at the end."""
        return self.hops[-1]

    @property
    def duration_seconds(self) -> int:
        """The seconds to ask STS for: as declared, clamped where the role is reached through another."""
        wanted = self.role.duration_seconds
        return min(wanted, CHAINED_MOST_SECONDS) if self.is_chained else wanted

    @property
    def is_chained(self) -> bool:
        """Whether another role comes before it."""
        return len(self.hops) > 1

    @property
    def elevated(self) -> "Chain":
        """The chain to the same role without its `read_only`."""
        return Chain((*self.hops[:-1], replace(self.role, read_only=False)))

    def elevated_for(self, seconds: int) -> "Chain":
        """Return the elevated chain whose session lasts `seconds`."""
        return Chain((*self.hops[:-1], replace(self.elevated.role, duration_seconds=seconds)))

    @property
    def is_protected(self) -> bool:
        """Whether only a person may take it: it is protected, or leads through a role that is."""
        return any(hop.protected for hop in self.hops)


def resolve(roles: "Mapping[str, Role]", wanted: str) -> Chain:
    """Return the chain to `wanted`, an alias of `roles` or a full role ARN.

    A role that is only passed through is not narrowed to reading: AWS's policy does not let it take another.
    Raises ConfigError for an unknown role (naming the known and the closest) and for a cycle.
    """
    hops: list[Role] = []
    name: str | None = wanted
    while name is not None:
        role = _find(roles, name)
        if role in hops:
            names = " -> ".join([*(hop.name for hop in hops[hops.index(role) :]), role.name])
            raise ConfigError(
                "role-cycle",
                f"role {wanted}: its sources form a cycle: {names}",
                hint="grep -n source envrc.d/roles.toml",
            )
        hops.append(role)
        name = role.source
    through = (replace(hop, read_only=False) if hop.read_only else hop for hop in reversed(hops[1:]))
    return Chain((*through, hops[0]))


def protected_alike(roles: "Mapping[str, Role]") -> dict[str, Role]:
    """Return `roles` with each one protected whose ARN is that of a protected one.

    Protection belongs to the ARN: a second alias is no way around it.
    """
    arns = {_folded(role.role_arn) for role in roles.values() if role.protected}
    return {
        name: replace(role, protected=True) if _folded(role.role_arn) in arns else role
        for name, role in roles.items()
    }


def cycle(roles: "Mapping[str, Role]", name: str) -> tuple[str, ...]:
    """Return the cycle that the sources of `name` close over itself; empty where they do not."""
    seen = [name]
    source = roles[name].source
    while source is not None and source in roles and source not in seen:
        seen.append(source)
        source = roles[source].source
    return (*seen, name) if source == name else ()


def from_arn(arn: str, *, name: str | None = None) -> Role:
    """Return the role that a bare ARN means. Raises ConfigError where it is no role ARN."""
    if not is_arn(arn):
        raise ConfigError(
            "role-arn",
            f"{arn!r} is not a role ARN such as arn:aws:iam::111122223333:role/NAME",
            hint="invoke roles",
        )
    return Role(name or arn, arn)


def is_arn(text: str) -> bool:
    """Return whether `text` is a role's ARN."""
    import re

    return re.fullmatch(ARN, text) is not None


def is_alias(text: str) -> bool:
    """Return whether `text` may be the name of a role in `roles.toml`."""
    import re

    return re.fullmatch(ALIAS, text) is not None


def _find(roles: "Mapping[str, Role]", name: str) -> Role:
    if name in roles:
        return roles[name]
    if name.startswith("arn:"):
        alike = [role for role in roles.values() if _folded(role.role_arn) == _folded(name)]
        declared = [role for role in alike if role.role_arn == name]
        is_protected = any(role.protected for role in alike)
        is_read_only = any(role.read_only for role in alike)
        bare = replace(from_arn(name), protected=is_protected, read_only=is_read_only)
        return declared[0] if declared else bare
    raise _unknown(roles, name)


def _folded(arn: str) -> str:
    """Return an ARN to compare: IAM tells no two roles apart by case (API reference, CreateRole)."""
    return arn.lower()


def _unknown(roles: "Mapping[str, Role]", name: str) -> ConfigError:
    import difflib

    known = ", ".join(roles) or "none"
    close = difflib.get_close_matches(name, list(roles), n=1)
    meant = f"; did you mean {close[0]}?" if close else "."
    return ConfigError(
        "role-unknown",
        f"unknown role {name!r}{meant} Known roles: {known}",
        hint=f"invoke assume --role {close[0]}" if close else "invoke roles",
    )
