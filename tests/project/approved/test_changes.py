"""What differs between the roles that were approved and those of now, and what of it is said or asks."""

from typing import Any

import pytest

from rolecall.project.approved.approval_file import Approved
from rolecall.project.approved.changes import Changes, hops, mfa_process, portal, since
from rolecall.project.declared import Project
from rolecall.project.roles import PermissionSet, Role, SsoSession
from rolecall.system.disk import place

ARN = "arn:aws:iam::{}:role/{}"
HERE, THERE, FAR = "111122223333", "444455556666", "123456789012"


def role(name: str = "dev", account: str = HERE, **named: Any) -> Role:
    """Return a role in an account."""
    return Role(name, ARN.format(account, name), **named)


def kept(*known: Role, **named: Any) -> Approved:
    """Return what was approved: these roles."""
    facts: dict[str, Any] = {"digest": "d", "default": None, "routes": {}, "portals": {}, "mfa_processes": {}}
    return Approved(**{**facts, "roles": {one.name: one for one in known}, **named})


def declared(*known: Role, **named: Any) -> Project:
    """Return a project with these roles."""
    facts: dict[str, Any] = {"default_role": None, "declared_region": None, "env": {}}
    return Project(place.at("/shop"), "shop", roles={one.name: one for one in known}, **{**facts, **named})


@pytest.mark.parametrize(
    ("before", "now", "says"),
    [
        ({}, {"duration_seconds": 3601}, "duration 1h00m -> 1h00m"),
        ({}, {"duration_seconds": 3600}, ""),
        ({}, {"duration_seconds": 3599}, ""),
        ({"mfa": True, "protected": True}, {}, "mfa dropped, protected dropped"),
        ({}, {"mfa": True, "protected": True, "read_only": True}, ""),
        ({}, {"session_policy": "{}", "policy_arns": ("a",)}, ""),
        (
            {"policy_arns": ("p/a",)},
            {"policy_arns": ("p/b",)},
            "policy_arns removed: a, policy_arns added: b",
        ),
        ({"policy_arns": ("p/a",)}, {"policy_arns": ("p/a",)}, ""),
        ({"session_policy": "{}"}, {"session_policy": "{}"}, ""),
        ({"session_policy": "{}"}, {"session_policy": "[]"}, "session_policy changed"),
        ({"session_policy": "{}"}, {}, "session_policy removed"),
        (
            {"policy_arns": ("a",)},
            {"policy_arns": ("a",), "session_policy": "{}"},
            "session_policy added to policy_arns",
        ),
        (
            {"session_policy": "{}"},
            {"session_policy": "{}", "policy_arns": ("p/a", "p/b")},
            "policy_arns added: a, b",
        ),
        ({"tags": {"a": "b"}}, {"tags": {"a": "b"}}, ""),
        ({}, {"tags": {"a": "b"}}, "tags changed"),
        (
            {},
            {"source_identity": "ann", "transitive_tags": ("a",)},
            "transitive_tags changed, source_identity changed",
        ),
    ],
)
def test_since_when_a_role_has_other_facts_then_only_what_may_widen_is_said(
    before: dict[str, Any], now: dict[str, Any], says: str
) -> None:
    """A policy where there was none narrows; beside another one it may widen."""
    found = since(kept(role(**before)), declared(role(**now)))
    assert found.widened == ({"dev": says} if says else {})
    assert not found.asks
    assert found.ask_for("dev") == ""


@pytest.mark.parametrize(
    ("default", "was", "env", "says"),
    [
        (None, "dev", {}, ""),
        ("dev", "dev", {}, ""),
        ("look", "dev", {}, ""),
        (
            "prod",
            "dev",
            {},
            "the default role is prod in account 444455556666; it was dev in account 111122223333",
        ),
        ("prod", "dev", {"ROLE_ARN": ARN.format(THERE, "prod")}, ""),
        ("prod", None, {}, ""),
        ("far", None, {}, "the default role is far in account 123456789012; there was none"),
        ("far", "gone", {}, "; there was none"),
    ],
)
def test_since_when_another_role_is_the_default_then_it_asks_if_it_is_elsewhere(
    default: str | None, was: str | None, env: dict[str, str], says: str
) -> None:
    """Elsewhere than the one before; where there was none, than any that was approved."""
    known = [role(), role("look"), role("prod", THERE)]
    found = since(
        kept(*known, default=was), declared(*known, role("far", FAR), default_role=default, env=env)
    )
    assert says in found.asks_default
    assert bool(found.asks_default) == bool(says)
    assert since(kept(), declared(role("far", FAR), default_role="far")).asks_default == ""


def test_since_when_the_default_role_itself_moved_then_it_is_asked_once() -> None:
    """For the role: that says it already."""
    found = since(kept(role(), default="dev"), declared(role(account=FAR), default_role="dev"))
    assert found.asks == {"dev": f"role dev is in account {FAR}; it was in {HERE} (envrc.d/roles.toml)"}
    assert found.asks_default == ""


def test_since_when_a_chain_leads_through_another_account_then_it_asks() -> None:
    """Through one of the accounts that it led through before, it does not."""
    before = [role("a"), role("b", THERE), role("dev", source="b")]
    now = [role("a"), role("b", THERE), role("far", FAR), role("dev", source="a")]
    assert since(kept(*before), declared(*now)).widened == {"dev": "source changed"}
    moved = since(kept(*before), declared(*now[:3], role("dev", source="far")))
    assert moved.asks == {
        "dev": f"role dev is assumed through role far in account {FAR} (envrc.d/roles.toml)"
    }


def test_since_when_the_person_named_the_role_themselves_then_nothing_is_said() -> None:
    """The roles after it are compared all the same."""
    own = {"ROLE_ARN": ARN.format(FAR, "dev")}
    found = since(kept(role(), role("look", mfa=True)), declared(role(account=FAR), role("look"), env=own))
    assert (found.asks, found.widened) == ({}, {"look": "mfa dropped"})


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (("corp", "https://corp.example", "eu-west-1"), ""),
        (("corp", "https://c0rp.example", "eu-west-1"), "corp"),
    ],
)
def test_since_when_a_portal_is_another_then_it_asks(now: tuple[str, str, str], says: str) -> None:
    """By its name, its address, its region and its scopes; in one line."""
    desk = role("desk", sso=PermissionSet("corp", HERE, "Admin"))
    approved = kept(desk, portals={"desk": "corp\thttps://corp.example\teu-west-1\tsso:account:access"})
    project = declared(desk, sso={"corp": SsoSession(*now)})
    assert says in since(approved, project).ask_for("desk")
    assert bool(since(approved, project).asks) is bool(says)
    assert "\t" not in since(approved, project).ask_for("desk")
    assert portal(declared(desk), "desk") == "corp"
    assert portal(declared(role()), "dev") == ""
    chained = role("dev", source="desk")
    assert portal(declared(desk, chained), "dev") == "corp"


@pytest.mark.parametrize(
    ("named", "command"),
    [
        ({"mfa_process": "ykman"}, ""),
        ({"mfa_process": "ykman", "profile": "base"}, "ykman"),
        ({"mfa_process": "ykman", "profile": "base", "env": {"AWS_MFA_PROCESS": "own"}}, ""),
        ({"profile": "base"}, ""),
    ],
)
def test_mfa_process_when_a_code_may_be_asked_then_is_the_teams_command(
    named: dict[str, Any], command: str
) -> None:
    """A profile may ask for a code, and a hop of the chain; the person's own command is theirs."""
    assert mfa_process(declared(role(), **named), "dev") == command
    chained = declared(role("a", mfa=True), role(source="a"), mfa_process="ykman")
    assert mfa_process(chained, "dev") == "ykman"
    assert since(kept(role(), mfa_processes={"dev": command}), declared(role(), **named)).asks == {}
    asks = since(kept(role()), declared(role(), **named)).asks
    assert bool(asks) is bool(command)


def test_hops_when_sources_do_not_end_well_then_each_is_there_once() -> None:
    """An approved file of an older version may hold anything."""
    known = {
        one.name: one for one in (role("a", source="b"), role("b", source="a"), role("c", source="gone"))
    }
    assert [hop.name for hop in hops(known, "a")] == ["b", "a"]
    assert [hop.name for hop in hops(known, "c")] == ["c"]


@pytest.mark.parametrize(("number", "more"), [(3, ""), (4, "; 1 more"), (5, "; 2 more")])
def test_news_when_many_roles_are_wider_then_three_are_named(number: int, more: str) -> None:
    """One line, whatever comes with a pull."""
    found = Changes(widened=dict.fromkeys("abcde"[:number], "x"))
    shown = "role a: x; role b: x; role c: x"
    assert found.news == f"envrc.d/roles.toml allows more than before: {shown}{more}"
    assert Changes().news == ""
    assert Changes(asks_all="all", asks={"a": "own"}).ask_for("a") == "all"
