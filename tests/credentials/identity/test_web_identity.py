"""A CI system's token: where it is read, what goes with it, and to whom GitHub's own is shown."""

import base64
import json
from pathlib import Path

import pytest

from rolecall.credentials.identity import sources, web_identity
from rolecall.credentials.model import Identity
from rolecall.errors import CredentialError
from rolecall.project import config
from rolecall.project.roles import Role
from rolecall.system.clock import Deadline
from rolecall.system.text.secret import Secret
from support.fake_aws import FakeAws, json_reply

ROLE = Role(
    "dev",
    "arn:aws:iam::111122223333:role/dev",
    external_id="x",
    tags={"team": "core"},
    transitive_tags=("team",),
    source_identity="ann",
    session_policy="{}",
    policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
    duration_seconds=1800,
)


def of_file(path: Path) -> Identity:
    return Identity("web-identity", "l", "f", environ={"AWS_WEB_IDENTITY_TOKEN_FILE": str(path)})


def github(url: str) -> Identity:
    environ = {"ACTIONS_ID_TOKEN_REQUEST_URL": url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "secret-of-job"}
    return Identity("github", "l", "f", environ=environ)


def token(who: Identity) -> str:
    return web_identity.token(who, deadline=Deadline.after(5)).reveal()


def test_assume_when_with_a_token_then_without_what_the_token_carries(aws: FakeAws, tmp_path: Path) -> None:
    """STS takes no tags, external id or source identity there; the policies narrow it all the same."""
    (tmp_path / "t").write_text("the-token")
    who, environ = of_file(tmp_path / "t"), {"AWS_ENDPOINT_URL": aws.url}
    web_identity.assume(
        *(who, ROLE), environ=environ, project_name="shop", region="eu-west-3", deadline=Deadline.after(5)
    )
    (asked,) = aws.asked("AssumeRoleWithWebIdentity")
    assert {name for name in asked if name.startswith(("Tags", "Transitive", "External", "Source"))} == set()
    assert (asked["Policy"], asked["PolicyArns.member.1.arn"]) == ("{}", ROLE.policy_arns[0])
    assert (asked["DurationSeconds"], asked["RoleSessionName"].partition("@")[2]) == ("1800", "shop")


@pytest.mark.parametrize(
    ("url", "is_asked"),
    [
        ("{}/a", True),
        ("http://example.com/a", False),
        ("ftp://127.0.0.1/a", False),
        ("http://127.0.0.1.evil/", False),
    ],
)
def test_github_when_its_address_is_plain_http_then_only_on_this_machine(
    aws: FakeAws, url: str, *, is_asked: bool
) -> None:
    """The job's token goes nowhere else."""
    aws.queue("GET /a", json_reply({"value": "given"}))
    who = github(url.format(aws.url))
    if is_asked:
        assert token(who) == "given"
        assert aws.seen[0].headers["authorization"] == "bearer secret-of-job"
        return
    with pytest.raises(CredentialError, match="is not an https address") as caught:
        token(who)
    assert caught.value.code == "oidc-unavailable"


@pytest.mark.parametrize("query", ["", "?api=2"])
def test_github_when_asked_then_for_sts(aws: FakeAws, query: str) -> None:
    """Behind what the address has already."""
    aws.queue("GET /a", json_reply({"value": "given"}))
    token(github(f"{aws.url}/a{query}"))
    assert aws.seen[0].asked == {"audience": "sts.amazonaws.com"} | ({"api": "2"} if query else {})


def test_token_when_its_file_is_no_text_then_named(tmp_path: Path) -> None:
    """A token is ASCII."""
    (tmp_path / "t").write_bytes(b"\xff")
    with pytest.raises(CredentialError, match=str(tmp_path / "t")) as caught:
        token(of_file(tmp_path / "t"))
    assert caught.value.code == "web-identity-file"


def jwt(claims: object) -> Secret:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return Secret(f"head.{middle}.signature")


@pytest.mark.parametrize("name", ["a", "ab", "abc", "abcd"])
def test_subject_when_the_token_names_one_then_that(name: str) -> None:
    """Whatever the padding of its claims."""
    assert web_identity.subject(jwt({"sub": name})) == name


@pytest.mark.parametrize("odd", [jwt({}), jwt([]), Secret("a"), Secret("a.!.c"), Secret("a.YQ.c")])
def test_subject_when_there_is_none_then_said(odd: Secret) -> None:
    """No claims, no JSON, no token."""
    with pytest.raises(CredentialError, match="names no subject") as caught:
        web_identity.subject(odd)
    assert caught.value.code == "oidc-unavailable"


def test_identity_when_it_is_a_kind_of_key_then_an_sdk_sees_the_persons_environment(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each source hands on where AWS is: `.env` says it."""
    env, kinds = shop / ".env", list[str]()
    url, keys = env.read_text().splitlines()[-1], env.read_text()
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", "https://x")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t")
    for text in (keys, keys, f"ROLECALL_KEYRING=x\n{url}\n", f"AWS_PROFILE=p\n{url}\n", f"{url}\n"):
        env.write_text(text)
        who = sources.find(config.load(shop))
        kinds.append(who.kind)
        assert who.environ["AWS_ENDPOINT_URL"] == url.partition("=")[2]
        monkeypatch.delenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", raising=False)
    assert kinds == ["github", "keys", "keyring", "profile", "chain"]
