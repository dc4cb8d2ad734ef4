"""Permission sets as entries of roles.toml: their names, and the text that stays."""

import tomllib
from pathlib import Path

import pytest

from rolecall.credentials.identity_center.inventory import Account, Reached
from rolecall.errors import UsageError
from rolecall.project import config
from rolecall.project.roles import SsoSession
from rolecall.workstation.project import permission_sets

CORP = SsoSession("corp", "https://corp.awsapps.com/start", "eu-west-1")
SHOP, OTHER = Account("111122223333", "Shop & Co: Prod"), Account("444455556666", "Shop & Co: Prod")


@pytest.mark.parametrize(
    ("rule", "alias"),
    [
        ("{account}-{role}", "Shop-Co-Prod-Admin"),
        ("{role}@{account_id}", "Admin@111122223333"),
        ("_{role}", "role-Admin"),
        ("x" * 70 + "{role}", "x" * 64),
    ],
)
def test_entries_when_named_by_a_rule_then_the_name_fits_an_alias(
    project: Path, rule: str, alias: str
) -> None:
    """An account's name holds what no alias may."""
    permission_sets.check(rule)
    (made,) = permission_sets.entries(config.load(project), [Reached(SHOP, "Admin")], rule)
    assert (made.alias, made.wanted) == (alias, "")


def test_entries_when_names_are_alike_then_each_has_its_account(project: Path) -> None:
    """Two accounts of one name, and a name that a role of the project has already."""
    found = [Reached(SHOP, "Admin"), Reached(OTHER, "Admin"), Reached(Account("123456789012", "dev"), "")]
    made = permission_sets.entries(config.load(project), found[:2], "{account}-{role}")
    assert [one.alias for one in made] == [
        "Shop-Co-Prod-Admin-111122223333",
        "Shop-Co-Prod-Admin-444455556666",
    ]
    (taken,) = permission_sets.entries(config.load(project), found[2:], "{account}")
    assert (taken.alias, taken.wanted) == ("dev-123456789012", "dev")
    cut = [Reached(SHOP, "A" * 20 + end) for end in "xy"]
    made = permission_sets.entries(config.load(project), cut, "z" * 50 + "{role}")
    assert len({one.alias for one in made}) == 2
    assert all(len(one.alias) <= 64 for one in made)


@pytest.mark.parametrize(
    "rule", ["", "plain", "{account", "{who}", "{}", "{account.name}", "{role!r}", "{role:>9}"]
)
def test_rule_when_it_is_none_then_says_what_it_is_made_of(rule: str) -> None:
    """A rule cannot reach into Python's objects."""
    with pytest.raises(UsageError) as caught:
        permission_sets.check(rule)
    assert caught.value.code == "name-rule"


def test_text_when_entries_are_added_then_what_stands_there_stays(project: Path) -> None:
    """Comments, order and the declared roles; the portal is added once."""
    path = project / "envrc.d/roles.toml"
    before = path.read_text() + "\n# the end\n"
    path.write_text(before)
    loaded = config.load(project)
    made = permission_sets.entries(loaded, [Reached(SHOP, "Admin")], "{role}.{account_id}")
    after = permission_sets.appended(before, loaded, CORP, made)
    assert after.startswith(before)
    assert tomllib.loads(after)["roles"]["Admin.111122223333"]["sso"] == {
        "session": "corp",
        "account_id": "111122223333",
        "role_name": "Admin",
    }
    path.write_text(after)
    loaded = config.load(project)
    assert loaded.sso["corp"] == CORP
    assert permission_sets.entries(loaded, [Reached(SHOP, "Admin")], "{role}") == ()
    assert "[sso.corp]" not in permission_sets.appended("", loaded, CORP, made)
