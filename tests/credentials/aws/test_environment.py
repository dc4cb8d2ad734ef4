"""The environment before rolecall: what an SDK may see of it, and what of it decides who assumes."""

from pathlib import Path

import pytest

from rolecall.credentials.aws import environment
from rolecall.project import config, own_profiles
from support import write_env

ARN = "arn:aws:iam::111122223333:role/ci"
KEY = "AKIAFAKEFAKEFAKE1234"
NUMBER = str(environment.key_number(KEY))


def mark(root: Path, env: str, environ: dict[str, str]) -> str:
    """Return the mark where `.env` and the environment hold just this."""
    write_env(root, env)
    return environment.mark(
        config.load(root, environ={"HOME": "/nowhere", "XDG_RUNTIME_DIR": "/x", **environ})
    )


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, ""),
        ({"AWS_PROFILE": "p"}, "p:::::"),
        ({"AWS_DEFAULT_PROFILE": "d"}, "d:::::"),
        ({"AWS_PROFILE": "p", "AWS_DEFAULT_PROFILE": "d"}, "p:::::"),
        ({"AWS_ACCESS_KEY_ID": KEY}, f":{NUMBER}::::"),
        ({"AWS_PROFILE": "p", "AWS_ACCESS_KEY_ID": KEY}, f"p:{NUMBER}::::"),
        ({"AWS_CONFIG_FILE": "/c"}, "::/c:::"),
        ({"AWS_SHARED_CREDENTIALS_FILE": "/s"}, ":::/s::"),
        ({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/r"}, "::::/r:"),
        ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "/f"}, ":::::/f"),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}, "/t:"),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": ARN}, f"/t:{ARN}"),
        ({"ACTIONS_ID_TOKEN_REQUEST_URL": "u"}, ""),
        ({"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t"}, ""),
        ({"ACTIONS_ID_TOKEN_REQUEST_URL": "u", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t"}, "github:::"),
        (
            {
                "ACTIONS_ID_TOKEN_REQUEST_URL": "u",
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t",
                "GITHUB_REPOSITORY": "ann/shop",
                "GITHUB_REF": "main",
                "AWS_ROLE_ARN": ARN,
            },
            f"github:ann/shop:main:{ARN}",
        ),
    ],
)
def test_mark_when_the_environment_decides_then_its_facts(
    shop: Path, environ: dict[str, str], expected: str
) -> None:
    """In this order: bash computes the same (test_assuming)."""
    assert mark(shop, "", environ) == expected


@pytest.mark.parametrize(
    ("env", "files", "token"),
    [
        ("AWS_PROFILE=ann\n", "::/c:::", "/t:"),
        (f"AWS_ACCESS_KEY_ID={KEY}\nAWS_SECRET_ACCESS_KEY=s\n", "", "/t:"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE=/own\n", "", ""),
    ],
)
def test_mark_when_the_project_decides_then_what_is_left_of_the_environment(
    shop: Path, env: str, files: str, token: str
) -> None:
    """A profile is another one in other files; a token of the CI goes before all but the project's own."""
    assert mark(shop, env, {"AWS_PROFILE": "p", "AWS_ACCESS_KEY_ID": KEY, "AWS_CONFIG_FILE": "/c"}) == files
    assert mark(shop, env, {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}) == token


def test_mark_when_the_profile_is_one_that_setup_wrote_then_not_named(shop: Path) -> None:
    """It is the role itself, and no identity; another one is."""
    own_profiles.write(config.load(shop).place, {"dev": "shop-dev"})
    assert mark(shop, "", {}) == ""
    write_env(shop, "")
    for name, expected in (("shop-dev", ""), ("other", "other:::::")):
        project = config.load(shop, environ={**dict(config.load(shop).place.environ), "AWS_PROFILE": name})
        assert environment.mark(project) == expected


def test_environment_when_an_sdk_sees_it_then_the_projects_settings_without_its_identity(shop: Path) -> None:
    """Proxies in both cases of letters; the region that applies; nothing that rolecall exported."""
    write_env(
        shop,
        f"AWS_ACCESS_KEY_ID={KEY}\nAWS_SECRET_ACCESS_KEY=s\nAWS_CA_BUNDLE=/ca\n"
        "HTTPS_PROXY=http://p\nOTHER=x\n",
    )
    held = {
        "AWS_ACCESS_KEY_ID": "ASIAHELD",
        "AWS_SECRET_ACCESS_KEY": "h",
        "AWS_SESSION_TOKEN": "h",
        "ROLECALL_ROLE": "dev",
        "ROLECALL_RENEW_AT": "1",
    }
    base = {"HOME": "/nowhere", "XDG_RUNTIME_DIR": "/x", "AWS_REGION": "eu-west-9", "MINE": "1"}
    found = environment.of(config.load(shop, environ={**base, **held}))
    assert (found["AWS_REGION"], found["AWS_CA_BUNDLE"], found["MINE"]) == ("eu-west-1", "/ca", "1")
    assert (found["HTTPS_PROXY"], found["https_proxy"]) == ("http://p", "http://p")
    assert not {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "OTHER"} & found.keys()
    text = (shop / "envrc.d/roles.toml").read_text().replace('region = "eu-west-1"\n', "")
    (shop / "envrc.d/roles.toml").write_text(text)
    assert environment.of(config.load(shop, environ=base))["AWS_REGION"] == "eu-west-9"
    del base["AWS_REGION"]
    assert "AWS_REGION" not in environment.of(config.load(shop, environ=base))


@pytest.mark.parametrize(
    ("key_id", "number"),
    [("", 0), ("0", 0), ("1", 1), ("Z", 61), ("@", 63), ("é", 63 * 64 + 63), ("10", 64)],
)
def test_key_number_when_computed_then_its_digits_to_the_base_64(key_id: str, number: int) -> None:
    """Of each ten characters; bash has the same (test_assuming)."""
    assert environment.key_number(key_id) == number
    assert environment.key_number("0" * 9 + "11") == (1 * 257 + 1)
