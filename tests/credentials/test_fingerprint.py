"""Everything that determines what STS answers makes another fingerprint, and nothing else does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rolecall.credentials import fingerprint
from rolecall.credentials.model import Identity
from rolecall.project import config
from rolecall.project.declared import Project
from rolecall.project.roles import Chain, PermissionSet, Role
from rolecall.system.python.frozen import replace
from rolecall.system.text.secret import Secret

SET = PermissionSet("corp", "111122223333", "Admin")
ROLE = Role("dev", "arn:aws:iam::111122223333:role/dev", sso=SET)
OTHER = Role("prod", "arn:aws:iam::444455556666:role/prod")
WHO = Identity("keys", "keys", "who", environ={})
FACTS: dict[str, Any] = {
    "role_arn": "arn:aws:iam::111122223333:role/other",
    "region": "us-east-2",
    "external_id": "shop",
    "mfa": True,
    "protected": True,
    "read_only": True,
    "policy_arns": ("arn:aws:iam::aws:policy/ReadOnlyAccess",),
    "session_policy": "{}",
    "tags": {"team": "core"},
    "transitive_tags": ("team",),
    "source_identity": "ann",
    "mfa_serial": "arn:aws:iam::111122223333:mfa/ann",
    "sso": None,
}


@pytest.fixture
def project(shop: Path) -> Project:
    """Return a project."""
    return config.load(shop)


def word(project: Project, role: Role = ROLE, who: Identity = WHO, *more: Role) -> str:
    return fingerprint.of(project, Chain((role, *more)), who)


@pytest.mark.parametrize("name", FACTS)
def test_fingerprint_when_a_fact_of_a_role_differs_then_is_another(project: Project, name: str) -> None:
    """Of the role itself, and of one that the chain leads through."""
    changed = replace(ROLE, **{name: FACTS[name]})
    assert word(project, changed) != word(project)
    assert word(project, changed, WHO, OTHER) != word(project, ROLE, WHO, OTHER)


@pytest.mark.parametrize("name", ["session", "account_id", "role_name"])
def test_fingerprint_when_a_fact_of_a_permission_set_differs_then_is_another(
    project: Project, name: str
) -> None:
    """Identity Center gives the first role of a chain."""
    changed = replace(ROLE, sso=replace(SET, **{name: "other"}))
    assert word(project, changed) != word(project)


@pytest.mark.parametrize(
    "changed",
    [
        lambda one: (replace(one, name="other"), WHO),
        lambda one: (replace(one, declared_region="us-east-2"), WHO),
        lambda one: (one, replace(WHO, fingerprint="other")),
        lambda one: (one, replace(WHO, environ={"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})),
        lambda one: (one, replace(WHO, environ={"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1"})),
        lambda one: (one, replace(WHO, environ={"AWS_ENDPOINT_URL_SSO": "http://127.0.0.1:1"})),
        lambda one: (one, replace(WHO, environ={"AWS_USE_FIPS_ENDPOINT": "true"})),
    ],
    ids=["project", "region", "identity", "endpoint", "sts", "sso", "fips"],
)
def test_fingerprint_when_the_project_or_identity_differs_then_is_another(
    project: Project, changed: Callable[[Project], tuple[Project, Identity]]
) -> None:
    """The project's name is in the session's; the region is exported with it."""
    other, who = changed(project)
    assert word(other, ROLE, who) != word(project)


def test_fingerprint_when_the_duration_or_the_chain_differs_then_is_another(project: Project) -> None:
    """As long as is asked, and by the way that is declared."""
    longer = replace(ROLE, duration_seconds=7200)
    assert (
        len({word(project), word(project, longer), word(project, ROLE, WHO, OTHER), word(project, OTHER)})
        == 4
    )


def test_fingerprint_when_nothing_that_counts_differs_then_is_the_same(project: Project) -> None:
    """A key's secret, what a person reads of it, or the order of tags."""
    tags = replace(ROLE, tags={"a": "1", "b": "2"})
    assert word(project, tags) == word(project, replace(ROLE, tags={"b": "2", "a": "1"}))
    who = replace(WHO, secret=Secret("s"), label="x", environ={"AWS_PROFILE": "x"})
    assert word(project, ROLE, who) == word(project)
