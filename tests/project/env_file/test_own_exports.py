"""The environment without what rolecall exported, and with all that is the person's own."""

import pytest

from rolecall.project.env_file import own_exports

SIGNS = dict.fromkeys(("ROLECALL_ROLE", "AWS_ACCOUNT_ID", "AWS_CREDENTIAL_EXPIRATION"), "ours")
KEYS = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"), "ours")
EXPORTS = {**KEYS, **SIGNS, "AWS_REGION": "ours", "AWS_DEFAULT_REGION": "ours"}
SERVED = {
    "ROLECALL_ENDPOINT": "http://127.0.0.1:9/",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/",
}
TOKENS = {"AWS_CONTAINER_AUTHORIZATION_TOKEN": "t", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "f"}
PROFILED = {"ROLECALL_PROFILE": "shop-dev", "AWS_PROFILE": "shop-dev", "AWS_DEFAULT_PROFILE": "shop-dev"}
OWN = {"EDITOR": "vi", "AWS_CONFIG_FILE": "c"}


@pytest.mark.parametrize(
    "ours",
    [
        EXPORTS,
        {**EXPORTS, "ROLECALL_RENEW_AT": "1", "ROLECALL_KEY": "k"},
        {**SERVED, **TOKENS, "AWS_REGION": "ours", "ROLECALL_ROLE": "dev"},
        {**PROFILED, "AWS_REGION": "ours", "ROLECALL_ROLE": "dev"},
    ],
    ids=["signs", "renewal", "endpoint", "profile"],
)
def test_removed_when_rolecall_exported_it_then_only_the_persons_own_is_left(ours: dict[str, str]) -> None:
    """Without direnv's record too (sudo, an editor): by the signs, the renewal, the endpoint, the profile."""
    assert own_exports.removed({**OWN, **ours}) == OWN


@pytest.mark.parametrize("name", SIGNS)
def test_removed_when_a_sign_is_missing_then_the_keys_are_the_persons(name: str) -> None:
    """Whoever sets ROLECALL_ROLE by hand, beside keys of their own, keeps them."""
    environ = {**SIGNS, name: "", "AWS_ACCESS_KEY_ID": "theirs"}
    assert own_exports.removed(environ) == environ


@pytest.mark.parametrize("ours", [{**SERVED, **TOKENS}, PROFILED], ids=["endpoint", "profile"])
def test_removed_when_a_person_put_keys_beside_ours_then_they_stay(ours: dict[str, str]) -> None:
    """And the region that they named with them."""
    theirs = {**OWN, "AWS_ACCESS_KEY_ID": "AKIA", "AWS_REGION": "eu-west-1"}
    assert own_exports.removed({**theirs, **ours}) == theirs


@pytest.mark.parametrize(
    "theirs",
    [
        {
            "ROLECALL_ENDPOINT": "http://127.0.0.1:9/",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2/",
        },
        {"ROLECALL_ENDPOINT": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": ""},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2/"},
        {"ROLECALL_PROFILE": "shop-dev", "AWS_PROFILE": "mine"},
        {"ROLECALL_PROFILE": "", "AWS_PROFILE": ""},
        {"AWS_PROFILE": "mine"},
        {},
    ],
)
def test_removed_when_the_endpoint_or_the_profile_is_another_then_it_stays(theirs: dict[str, str]) -> None:
    """Our name beside it tells whose it is, and only where both say the same."""
    assert own_exports.removed({**theirs, "AWS_REGION": "eu-west-1"}) == {**theirs, "AWS_REGION": "eu-west-1"}
    assert not own_exports.is_served(theirs)
    assert not own_exports.is_profiled(theirs)


@pytest.mark.parametrize(
    ("environ", "region"),
    [
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}, "eu-west-1"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-east-1"}, "us-east-1"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, None),
        ({"AWS_REGION": "eu-west-1", "ROLECALL_RENEW_AT": "1"}, None),
    ],
)
def test_region_when_the_environment_names_one_then_is_it(
    environ: dict[str, str], region: str | None
) -> None:
    """AWS_REGION first; never the one that rolecall exported."""
    assert own_exports.region(environ) == region
