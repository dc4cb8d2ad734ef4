"""The changes in `roles.toml` since the person approved it, in words.

Some changes ask before a role is taken: another account, other hands for the request. Others widen what a
role may do, and are said. What narrows a role, or adds one, is neither. Must not read or write a file.
"""

from rolecall.project.roles_toml import role_lines
from rolecall.system.python.frozen import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.project.approved.approval_file import Approved
    from rolecall.project.declared import Project
    from rolecall.project.roles import Role

FILE = "envrc.d/roles.toml"
MOST_SAID = 3


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes since the approval.

    `asks` says for a role why it is not taken before the person approved; `asks_all`, for every role;
    `asks_default`, why the default role stays as it was. `widened` says for a role what more it may do.
    """

    asks: "Mapping[str, str]" = field(default_factory=dict)
    asks_all: str = ""
    asks_default: str = ""
    widened: "Mapping[str, str]" = field(default_factory=dict)

    def ask_for(self, role: str) -> str:
        """Return why `role` waits for an approval; nothing where it does not."""
        return self.asks_all or self.asks.get(role, "")

    @property
    def news(self) -> str:
        """What a person should know, in one line; nothing where there is none."""
        roles = [f"role {name}: {says}" for name, says in self.widened.items()]
        more = len(roles) - MOST_SAID
        shown = roles[:MOST_SAID] + ([f"{more} more"] if more > 0 else [])
        return f"{FILE} allows more than before: {'; '.join(shown)}" if shown else ""


def since(kept: "Approved", project: "Project") -> Changes:
    """Return how the roles of `project` differ from those that were approved."""
    asks: dict[str, str] = {}
    widened: dict[str, str] = {}
    own = project.env.get("ROLE_ARN")  # the person's own word in `.env`: nobody else moved it
    for name, role in project.roles.items():
        before = kept.roles.get(name)
        if before is None or role.role_arn == own:
            continue
        if says := _moved(name, kept, project):
            asks[name] = f"role {name} {says} ({FILE})"
        elif says := ", ".join(_widened(before, role)):
            widened[name] = says
    return Changes(asks=asks, asks_default=_default(kept, project), widened=widened)


def _default(kept: "Approved", project: "Project") -> str:
    """Return why another default role waits: it is in an account that the default was not in."""
    before, now = kept.roles.get(kept.default or ""), project.roles.get(project.default_role or "")
    if now is None or project.env.get("ROLE_ARN") or not kept.roles:
        return ""
    if before and before.name == now.name:  # that the role itself has moved is said already
        return ""
    known = {before.account} if before else {role.account for role in kept.roles.values()}
    if now.account in known:
        return ""
    was = f"it was {before.name} in account {before.account}" if before else "there was none"
    return f"the default role is {now.name} in account {now.account}; {was} ({FILE})"


def _moved(name: str, kept: "Approved", project: "Project") -> str:
    before, now = hops(kept.roles, name), hops(project.roles, name)
    if now[-1].account != before[-1].account:
        return f"is in account {now[-1].account}; it was in {before[-1].account}"
    known = {hop.account for hop in before}
    for hop in now:
        if hop.account not in known:
            return f"is assumed through role {hop.name} in account {hop.account}"
    if (at := portal(project, name)) and at != kept.portals.get(name):
        return f"logs in at another portal: {' '.join(at.split())}"
    if (command := mfa_process(project, name)) and command != kept.mfa_processes.get(name):
        return "takes its MFA code from another command"
    return ""


def portal(project: "Project", name: str) -> str:
    """Return where the login of a permission set goes; nothing for a role that STS gives."""
    first = hops(project.roles, name)[0]
    if first.sso is None:
        return ""
    known = project.sso.get(first.sso.session)
    facts = (known.start_url, known.region, *known.scopes) if known else ()
    return role_lines.joined((first.sso.session, *facts))


def mfa_process(project: "Project", name: str) -> str:
    """Return the command of `roles.toml` that an MFA code for `name` may come from; nothing where none."""
    wants_mfa = project.profile or any(hop.mfa for hop in hops(project.roles, name))
    is_own = project.env.get("AWS_MFA_PROCESS")
    return "" if is_own or not wants_mfa else project.mfa_process or ""


def hops(roles: "Mapping[str, Role]", name: str) -> "tuple[Role, ...]":
    """Return the hops to `name`, the first first; also where an older file's sources do not end well."""
    hops: list[Role] = []
    at: str | None = name
    while at is not None and at in roles and roles[at] not in hops:
        hops.append(roles[at])
        at = roles[at].source
    return tuple(reversed(hops))


def _widened(before: "Role", now: "Role") -> list[str]:
    """Return in what `now` may do more than `before`, a few words each."""
    found = []
    if now.role_arn != before.role_arn:
        found.append(f"it is {_short(now)}, was {_short(before)}")
    found += [f"{flag} dropped" for flag in role_lines.FLAGS if getattr(before, flag) > getattr(now, flag)]
    if now.duration_seconds > before.duration_seconds:
        from rolecall.system import clock

        found.append(
            f"duration {clock.human(before.duration_seconds)} -> {clock.human(now.duration_seconds)}"
        )
    if before.session_policy or before.policy_arns:
        found += _policies(before, now)
    names = ("source", "transitive_tags", "source_identity")
    found += [f"{name} changed" for name in names if getattr(now, name) != getattr(before, name)]
    if dict(now.tags) != dict(before.tags):
        found.append("tags changed")
    return found


def _policies(before: "Role", now: "Role") -> list[str]:
    """Return how the policies that narrow a session have changed.

    A session may do what any of them allows and none of them denies (IAM User Guide, "Session policies"):
    one more can widen it as much as one less.
    """
    found = []
    if now.session_policy != before.session_policy:
        verb = "changed" if now.session_policy and before.session_policy else "removed"
        found.append(f"session_policy {verb if before.session_policy else 'added to policy_arns'}")
    for verb, some, others in (
        ("removed", before.policy_arns, now.policy_arns),
        ("added", now.policy_arns, before.policy_arns),
    ):
        names = [arn.rpartition("/")[2] for arn in some if arn not in others]
        if names:
            found.append(f"policy_arns {verb}: {', '.join(names)}")
    return found


def _short(role: "Role") -> str:
    return role.role_arn.partition(":role/")[2]
