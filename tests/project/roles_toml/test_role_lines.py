"""Roles as lines: whatever a role declares comes back, and one at a time."""

import pytest

from rolecall.project.roles import PermissionSet, Role, SsoSession
from rolecall.project.roles_toml import role_lines

ARN = "arn:aws:iam::111122223333:role/dev"
ROLES = [
    Role("dev", ARN),
    Role("full", ARN, "eu-west-1", 900, "dev", "e-1", True, True, ("a", "b"), "{}", {"k": "v", "x": "y=z"}),
    Role("more", ARN, transitive_tags=("k",), source_identity="ann", mfa_serial="s", read_only=True),
    Role("desk", ARN, sso=PermissionSet("corp", "111122223333", "Admin")),
    Role("odd", ARN, session_policy="a\\nb\nc\r\\"),
]


def lazy() -> role_lines.LazyRoles:
    """Return all of ROLES, as a file has them."""
    return role_lines.LazyRoles("\n" + "\n".join(role_lines.section(role.name, role) for role in ROLES))


def test_lazy_roles_when_read_then_are_those_that_were_written() -> None:
    """By name, in their order, each made once."""
    found = lazy()
    assert list(found) == [role.name for role in ROLES]
    assert len(found) == len(ROLES)
    assert [found[role.name] for role in ROLES] == ROLES
    assert found["full"] is found["full"]


@pytest.mark.parametrize("name", ["nosuch", "", "dev]\nrole_arn=x\n[full", "de", "dev]\nregion"])
def test_lazy_roles_when_the_name_is_none_of_them_then_there_is_no_role(name: str) -> None:
    """A name with a line break is none, whatever stands in the file."""
    found = role_lines.LazyRoles("\n[dev]\nrole_arn=x\n[full]\nduration_seconds=1\nrole_arn=y\n")
    with pytest.raises(KeyError) as raised:
        found[name]
    assert raised.value.args == (name,)


@pytest.mark.parametrize("value", ["", "a", "a\nb", "\\n", "\\\\n\n\r\\", "\\\n", "\\r\r\\\\"])
def test_encoded_when_decoded_then_is_the_same_on_one_line(value: str) -> None:
    """Line breaks and backslashes in any order."""
    text = role_lines.encoded(value)
    assert not {"\n", "\r"} & set(text)
    assert role_lines.decoded(text) == value
    assert role_lines.values_of(role_lines.lines_of({"a": value, "b": "="})) == {"a": value, "b": "="}


def test_portals_when_read_then_are_those_that_were_written() -> None:
    """With their scopes, in their order; another fact is none."""
    one = SsoSession("corp", "https://corp.example/start", "eu-west-1")
    two = SsoSession("two", "https://two.example/start", "us-east-1", ("a", "b"))
    facts = role_lines.portal_facts({"corp": one, "two": two})
    assert list(facts) == ["sso.0", "sso.1"]
    assert role_lines.portals({"name": "sso", **facts}) == {"corp": one, "two": two}


def test_split_when_there_is_no_word_then_is_empty() -> None:
    """Not a list of one empty word."""
    assert (role_lines.split(""), role_lines.split(role_lines.joined("ab"))) == ([], ["a", "b"])
