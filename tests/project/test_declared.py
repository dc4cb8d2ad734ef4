"""What follows from a project's declarations: its region, its identity, and the address of its AWS."""

from typing import Any

import pytest

from rolecall.project.declared import Declared, Project
from rolecall.system.disk import place
from rolecall.system.text.secret import Secret

SECRET = {"AWS_SECRET_ACCESS_KEY": Secret("x" * 40)}
TOKEN, KEY, KEYRING = "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ACCESS_KEY_ID", "ROLECALL_KEYRING"


def project(environ: dict[str, str] | None = None, **named: Any) -> Project:
    """Return a project with `named` facts, in a shell with `environ`."""
    where = place.at("/shop", environ={"HOME": "/people/ann", **(environ or {})})
    facts: dict[str, Any] = {
        "name": "shop",
        "default_role": None,
        "declared_region": None,
        "roles": {},
        "env": {},
    }
    return Project(where, **{**facts, **named})


@pytest.mark.parametrize(
    ("named", "identity"),
    [
        ({"env": {TOKEN: "/token", KEY: "AKIA"}, "profile": "base"}, "token"),
        ({"env": {TOKEN: "", KEY: "AKIA"}, "profile": "base"}, "named"),
        ({"env": {KEYRING: "shop"}, "profile": "base"}, "named"),
        ({"secrets": SECRET, "profile": "base"}, "named"),
        ({"env": {KEY: "", KEYRING: ""}, "profile": "base"}, "profile"),
        ({"env": {KEY: ""}, "secrets": {"AWS_SESSION_TOKEN": Secret("x")}}, ""),
    ],
)
def test_identity_when_several_are_named_then_the_first_that_says_something(
    named: dict[str, Any], identity: str
) -> None:
    """The snapshot has the word for bash; an empty value names nobody."""
    assert project(**named).identity == identity


@pytest.mark.parametrize(
    ("declared", "region"), [("eu-west-1", "eu-west-1"), (None, "us-east-1"), ("", "us-east-1")]
)
def test_region_when_it_is_declared_then_that_and_else_the_shells(declared: str | None, region: str) -> None:
    """What the team or `.env` declares comes before what the person's environment names."""
    assert project({"AWS_REGION": "us-east-1"}, declared_region=declared).region == region


def test_region_when_rolecall_exported_it_then_is_not_the_persons() -> None:
    """The last role's region is not the next one's."""
    assert project({"AWS_REGION": "us-east-1", "ROLECALL_RENEW_AT": "1"}).region is None


@pytest.mark.parametrize(
    ("env", "address"),
    [({"AWS_ENDPOINT_URL": "http://x"}, "http://x"), ({"AWS_ENDPOINT_URL": ""}, None), ({}, None)],
)
def test_endpoint_when_env_names_one_then_is_it(env: dict[str, str], address: str | None) -> None:
    """An empty value names none."""
    assert project(env=env).endpoint == address


def test_project_when_shown_then_no_value_of_env_is() -> None:
    """A traceback shows neither an app's password nor the command that prints a code."""
    shown = repr(project(env={"DATABASE_URL": "hidden"}, mfa_process="hidden", secrets=SECRET))
    assert "hidden" not in shown
    assert project().root == "/shop"


def test_declared_when_nothing_is_said_then_has_the_usual() -> None:
    """Without `roles.toml` there is no role, and a shell gets all of `.env`, and keys."""
    declared = Declared()
    assert (declared.roles, declared.sso, declared.tools) == ({}, {}, ())
    assert (declared.env, declared.delivery) == ("all", "keys")
