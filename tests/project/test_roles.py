"""Aliases, ARNs and chains."""

import pytest

from rolecall.errors import ConfigError
from rolecall.project import roles
from rolecall.project.roles import PermissionSet, Role, SsoSession
from rolecall.system.python.frozen import replace

KNOWN = {
    "dev": Role("dev", "arn:aws:iam::111122223333:role/dev", duration_seconds=7200),
    "mid": Role("mid", "arn:aws:iam::111122223333:role/mid", source="dev"),
    "prod": Role("prod", "arn:aws:iam::444455556666:role/prod", source="mid", duration_seconds=7200),
}


def test_resolve_when_alias_is_chained_then_hops_in_order() -> None:
    """A chain begins with what the identity assumes, and ends with the role asked for."""
    chain = roles.resolve(KNOWN, "prod")
    assert [hop.name for hop in chain.hops] == ["dev", "mid", "prod"]
    assert (chain.role.name, chain.duration_seconds) == ("prod", 3600)


def test_resolve_when_not_chained_then_full_duration() -> None:
    """The identity's own keys give what the role declares."""
    assert roles.resolve(KNOWN, "dev").duration_seconds == 7200


def test_resolve_when_arn_is_declared_then_the_declared_role() -> None:
    """A full ARN of a declared role is that role, with all it declares."""
    assert roles.resolve(KNOWN, "arn:aws:iam::111122223333:role/dev").role == KNOWN["dev"]


def test_resolve_when_arn_is_not_declared_then_a_bare_role() -> None:
    """A full ARN needs no declaration."""
    arn = "arn:aws-cn:iam::123456789012:role/team/other"
    assert roles.resolve(KNOWN, arn).role == Role(arn, arn)


@pytest.mark.parametrize("word", ["prd", "zzz"])
def test_resolve_when_unknown_then_known_ones_and_the_closest(word: str) -> None:
    """A typo never falls back to another role: it lists the known ones, and the closest."""
    with pytest.raises(ConfigError, match="Known roles: dev, mid, prod") as caught:
        roles.resolve(KNOWN, word)
    assert caught.value.hint == ("invoke assume --role prod" if word == "prd" else "invoke roles")
    with pytest.raises(ConfigError, match="Known roles: none"):
        roles.resolve({}, word)
    assert ("did you mean prod?" in caught.value.message) == (word == "prd")


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::1:role/x",
        "arn:aws:iam::111122223333:user/x",
        "arn:aws:iam::111122223333:role/",
        "arn:aws:s3:::b",
    ],
)
def test_arn_when_malformed_then_refused(arn: str) -> None:
    """What is no role ARN is refused before anybody is asked."""
    with pytest.raises(ConfigError, match="is not a role ARN") as raised:
        roles.resolve({}, arn)
    assert (raised.value.code, raised.value.hint) == ("role-arn", "invoke roles")


def test_role_when_it_declares_no_duration_then_an_hour() -> None:
    """The longest that every role in AWS allows, and a chained one too."""
    assert Role("x", "arn:aws:iam::111122223333:role/x").duration_seconds == 3600
    assert roles.resolve(KNOWN, "mid").duration_seconds == 3600


def test_resolve_when_sources_form_a_cycle_then_names_it_in_order() -> None:
    """Each role of the cycle once, and the first again at the end."""
    known = {
        "a": Role("a", "arn:aws:iam::111122223333:role/a", source="b"),
        "b": Role("b", "arn:aws:iam::111122223333:role/b", source="c"),
        "c": Role("c", "arn:aws:iam::111122223333:role/c", source="b"),
    }
    with pytest.raises(ConfigError, match="cycle: b -> c -> b ") as caught:
        roles.resolve(known, "a")
    assert (caught.value.code, caught.value.hint) == ("role-cycle", "grep -n source envrc.d/roles.toml")
    assert [roles.cycle(known, name) for name in "abc"] == [(), ("b", "c", "b"), ("c", "b", "c")]
    assert roles.cycle({"a": replace(known["a"], source="gone")}, "a") == ()
    assert roles.cycle({"a": replace(known["a"], source="a")}, "a") == ("a", "a")


def test_protection_when_an_arn_is_written_in_another_case_then_counts_too() -> None:
    """IAM tells no two roles apart by case; a bare ARN is as protected as the declared one."""
    arn = "arn:aws:iam::444455556666:role/Prod"
    known = {
        "prod": Role("prod", arn, protected=True, read_only=True),
        "again": Role("again", arn.lower()),
        "dev": KNOWN["dev"],
    }
    alike = roles.protected_alike(known)
    assert {name: role.protected for name, role in alike.items()} == {
        "prod": True,
        "again": True,
        "dev": False,
    }
    bare = roles.resolve({"prod": known["prod"]}, arn.lower())
    assert (bare.role.name, bare.is_protected, bare.role.read_only) == (arn.lower(), True, True)
    assert roles.resolve({"again": known["again"]}, arn).is_protected is False


def test_chain_when_a_role_is_passed_through_then_only_the_last_is_narrowed() -> None:
    """AWS's policy for reading lets no role take another; whoever elevates a role loses its narrowing."""
    known = {
        "first": Role("first", "arn:aws:iam::111122223333:role/first", read_only=True, protected=True),
        "last": Role("last", "arn:aws:iam::111122223333:role/last", read_only=True, source="first"),
    }
    chain = roles.resolve(known, "last")
    assert [hop.read_only for hop in chain.hops] == [False, True]
    assert chain.is_protected
    assert [hop.read_only for hop in chain.elevated.hops] == [False, False]
    assert chain.elevated_for(900).duration_seconds == 900
    assert roles.resolve(known, "first").role.read_only


def test_chain_when_it_is_elevated_then_only_the_last_hop_changes() -> None:
    """Those before it are taken as declared; no longer than STS allows where it is chained."""
    chain = roles.resolve({**KNOWN, "prod": replace(KNOWN["prod"], read_only=True)}, "prod")
    assert chain.elevated == roles.resolve(KNOWN, "prod")
    assert chain.elevated_for(900).hops[:2] == chain.hops[:2]
    assert chain.elevated_for(900).role == replace(KNOWN["prod"], duration_seconds=900)
    assert chain.elevated_for(7200).duration_seconds == 3600


def test_narrowing_arns_when_a_role_only_reads_then_is_the_policy_of_its_partition() -> None:
    """Else those that are declared."""
    role = Role("dev", "arn:aws-cn:iam::111122223333:role/dev", policy_arns=("a", "b"))
    assert role.narrowing_arns == ("a", "b")
    assert replace(role, read_only=True).narrowing_arns == ("arn:aws-cn:iam::aws:policy/ReadOnlyAccess",)
    assert (role.partition, role.account) == ("aws-cn", "111122223333")


def test_role_when_nothing_is_declared_then_is_neither_protected_nor_narrowed() -> None:
    """Every field but the name and the ARN has a usual value."""
    role = Role("dev", "arn:aws:iam::111122223333:role/dev")
    assert (role.mfa, role.protected, role.read_only) == (False, False, False)
    assert (role.tags, role.policy_arns, role.transitive_tags) == ({}, (), ())
    assert SsoSession("corp", "https://corp.example", "eu-west-1").scopes == ("sso:account:access",)
    desk = PermissionSet("corp", "111122223333", "Admin")
    path = "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin"
    assert desk.arn == f"arn:aws:iam::111122223333:{path}"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("dev", True),
        ("0", True),
        ("a" * 64, True),
        ("a" * 65, False),
        ("", False),
        ("-a", False),
        ("a b", False),
        ("a/b", False),
        ("a.b@c+d=e,f-g_h", True),
    ],
)
def test_alias_when_a_file_can_be_called_so_then_is_one(text: str, *, is_one: bool) -> None:
    """It is a file's name, a word of a shell and a key of TOML."""
    assert roles.is_alias(text) is is_one


@pytest.mark.parametrize("name", ["x", "a/b/x", "a" * 64, "a/" + "b" * 64])
def test_arn_when_it_has_a_path_then_is_one(name: str) -> None:
    """IAM User Guide, "IAM identifiers"; any partition."""
    assert roles.from_arn(f"arn:aws-us-gov:iam::111122223333:role/{name}", name="x").name == "x"
    assert not roles.is_arn(f"arn:aws:iam::111122223333:role/{name}{'b' * 64}")
