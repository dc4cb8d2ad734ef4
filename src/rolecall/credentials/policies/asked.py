"""The policies for what this project declares and whoever this machine is: asks STS who that is, once."""

from typing import Any

from rolecall.credentials import whoami
from rolecall.credentials.identity import sources, web_identity
from rolecall.credentials.policies import documents
from rolecall.credentials.policies.principal import Principal, of_caller, of_github, of_role
from rolecall.errors import ConfigError, UsageError
from rolecall.project import roles
from rolecall.project.declared import Project
from rolecall.project.roles import Chain
from rolecall.system.clock import Deadline

PATIENCE_SECONDS = 15.0


def trust(project: Project, role: str, *, subject: str = "") -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the trust policy that lets this identity take `role` as declared, and notes for its reader.

    `subject` is that of a GitHub Actions token, for a role that CI takes. Raises CredentialError where STS
    does not say who the identity is, ConfigError for a role that Identity Center gives.
    """
    chain = roles.resolve(project.roles, role)
    if chain.role.sso:
        raise ConfigError(
            "trust-policy-sso",
            f"role {role} is a permission set: who may take it is assigned in IAM Identity Center",
        )
    principal = _principal(project, chain, subject)
    return documents.trust(chain, principal), principal.notes


def identity(project: Project, source: str = "") -> dict[str, Any]:
    """Return the policy that the identity needs, or the role `source` of the project, to take the next roles.

    Raises ConfigError where none of the project's roles is taken from there.
    """
    chains = [roles.resolve(project.roles, name) for name in project.roles]
    taken = [chain for chain in chains if _source(chain) == source and not chain.role.sso]
    if not taken:
        who = f"role {source}" if source else "the identity"
        raise ConfigError("policy-empty", f"{who} takes no role of this project itself", hint="invoke roles")
    return documents.identity(taken)


def _source(chain: Chain) -> str:
    return chain.hops[-2].name if chain.is_chained else ""


def _principal(project: Project, chain: Chain, subject: str) -> Principal:
    if chain.is_chained:
        return of_role(chain.hops[-2])
    if subject:
        return of_github(subject, chain.role)
    caller = whoami.identity(project, chain=chain, seconds=PATIENCE_SECONDS)
    if caller is not None:
        return of_caller(caller.arn)
    who = sources.find(project, chain)
    if who.kind != "github":
        raise UsageError(
            "trust-policy-token",
            "the identity here is a web identity token; say whose token may take the role",
            hint=f"invoke roles --trust-policy {chain.role.name} --subject repo:OWNER/NAME:*",
        )
    token = web_identity.token(who, deadline=Deadline.after(PATIENCE_SECONDS))
    return of_github(web_identity.subject(token), chain.role)
