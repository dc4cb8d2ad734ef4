"""Aliases, ARNs and chains."""

import pytest

from rolecall.errors import ConfigError
from rolecall.project import roles
from rolecall.project.roles import Role

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
    with pytest.raises(ConfigError, match="is not a role ARN"):
        roles.resolve({}, arn)
