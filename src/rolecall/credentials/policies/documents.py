"""The trust policy of a role, and the policy of whoever takes roles, as documents (IAM policy grammar)."""

from collections.abc import Iterable
from typing import Any

from rolecall.credentials.policies.principal import Principal
from rolecall.project.roles import Chain, Role

VERSION = "2012-10-17"
TAG = "sts:TagSession"
SOURCE_IDENTITY = "sts:SetSourceIdentity"


def trust(chain: Chain, principal: Principal) -> dict[str, Any]:
    """Return the trust policy of the role at the end of `chain`, for `principal`.

    What an earlier role of the chain sets for good (a source identity, transitive tags) needs its
    permission in each later one (AssumeRole, API reference).
    """
    role = chain.role
    is_token = principal.action != "sts:AssumeRole"
    actions = [principal.action] if is_token else [principal.action, *_more_actions(chain)]
    conditions = {test: dict(facts) for test, facts in principal.conditions.items()}
    if not is_token:
        for test, name, value in _conditions(chain, role):
            conditions.setdefault(test, {})[name] = value
    statement: dict[str, Any] = {
        "Sid": "Rolecall",
        "Effect": "Allow",
        "Principal": principal.element,
        "Action": actions if len(actions) > 1 else actions[0],
    }
    return _document(statement | ({"Condition": conditions} if conditions else {}))


def identity(chains: Iterable[Chain]) -> dict[str, Any]:
    """Return the policy of whoever assumes the last role of each of `chains`: those roles, and no other."""
    wanted = tuple(chains)
    resources = sorted({chain.role.role_arn for chain in wanted})
    more = [action for chain in wanted for action in _more_actions(chain)]
    actions = ["sts:AssumeRole", *dict.fromkeys(more)]
    statement = {"Sid": "Rolecall", "Effect": "Allow", "Action": actions, "Resource": resources}
    return _document(statement)


def _document(statement: dict[str, Any]) -> dict[str, Any]:
    return {"Version": VERSION, "Statement": [statement]}


def _more_actions(chain: Chain) -> list[str]:
    is_tagged = bool(chain.role.tags) or any(hop.transitive_tags for hop in chain.hops[:-1])
    is_named = any(hop.source_identity for hop in chain.hops)
    return [*([TAG] if is_tagged else []), *([SOURCE_IDENTITY] if is_named else [])]


def _conditions(chain: Chain, role: Role) -> Iterable[tuple[str, str, object]]:
    if role.external_id:
        yield "StringEquals", "sts:ExternalId", role.external_id
    if role.mfa:
        yield "Bool", "aws:MultiFactorAuthPresent", "true"
    for name, value in role.tags.items():
        yield "StringEquals", f"aws:RequestTag/{name}", value
    if role.transitive_tags:
        yield "ForAllValues:StringEquals", "sts:TransitiveTagKeys", list(role.transitive_tags)
    named = next((hop.source_identity for hop in chain.hops if hop.source_identity), None)
    if named:
        yield "StringEquals", "sts:SourceIdentity", named
