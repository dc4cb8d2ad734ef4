"""Policies for whoever this machine is: STS is asked once, and only where its answer is needed."""

import base64
import json
from pathlib import Path

import pytest

from rolecall.credentials.policies import asked
from rolecall.errors import ConfigError, CredentialError, UsageError
from rolecall.project import config
from support.fake_aws import FakeAws, json_reply

ROLES = """\
[roles.dev]
role_arn = "arn:aws:iam::111122223333:role/dev"
[roles.ops]
role_arn = "arn:aws:iam::444455556666:role/ops"
[roles.end]
role_arn = "arn:aws:iam::123456789012:role/end"
source = "ops"
[roles.desk]
sso = { session = "corp", account_id = "111122223333", role_name = "Admin" }
[roles.behind]
role_arn = "arn:aws:iam::123456789012:role/behind"
source = "desk"
"""
SUBJECT = "repo:ann/shop:ref:refs/heads/main"


@pytest.fixture(autouse=True)
def declared(shop: Path) -> None:
    """Declare roles that the identity takes, that another role takes, and one of Identity Center."""
    (shop / "envrc.d/roles.toml").write_text(ROLES)


def principal(root: Path, role: str, *, subject: str = "") -> tuple[dict[str, str], tuple[str, ...]]:
    policy, notes = asked.trust(config.load(root), role, subject=subject)
    return policy["Statement"][0]["Principal"], notes


def test_trust_when_the_identity_takes_it_then_sts_says_who_that_is(shop: Path, aws: FakeAws) -> None:
    """A user by their ARN; of a role's session, the role, with what to check."""
    assert principal(shop, "dev") == ({"AWS": aws.user_arn}, ())
    aws.user_arn = "arn:aws:sts::111122223333:assumed-role/ci/run"
    element, notes = principal(shop, "dev")
    assert element == {"AWS": "arn:aws:iam::111122223333:role/ci"}
    assert "has a path" in notes[0]


def test_trust_when_another_role_or_a_token_takes_it_then_nobody_is_asked(shop: Path, aws: FakeAws) -> None:
    """The project itself says who the role before is, and `--subject` whose token."""
    assert principal(shop, "end")[0] == {"AWS": "arn:aws:iam::444455556666:role/ops"}
    provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
    assert principal(shop, "dev", subject=SUBJECT)[0] == {"Federated": provider}
    assert not aws.seen


def test_trust_when_identity_center_gives_it_then_refused(shop: Path) -> None:
    """Nobody can write the trust policy of a permission set; of the role behind it, one can."""
    with pytest.raises(ConfigError, match="role desk is a permission set") as caught:
        asked.trust(config.load(shop), "desk")
    assert caught.value.code == "trust-policy-sso"
    assert principal(shop, "behind")[0] == {"AWS": "arn:aws:iam::111122223333:root"}


def test_trust_when_the_identity_is_a_token_then_whose_has_to_be_said(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that is for the role itself asks no STS who it is."""
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/t")
    with pytest.raises(UsageError) as caught:
        asked.trust(config.load(shop), "dev")
    hint = "invoke roles --trust-policy dev --subject repo:OWNER/NAME:*"
    assert (caught.value.code, caught.value.hint) == ("trust-policy-token", hint)


@pytest.mark.parametrize(
    "claims", [{"sub": SUBJECT}, {"sub": SUBJECT, "pad": "x"}, {"sub": SUBJECT, "pad": "xy"}]
)
def test_trust_when_a_github_job_asks_then_its_own_token_says_the_subject(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch, claims: dict[str, str]
) -> None:
    """Whatever the length of its claims: they are base64 without its padding."""
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{aws.url}/oidc")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t")
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    aws.queue("GET /oidc", json_reply({"value": f"head.{middle}.signature"}), json_reply({"value": "none"}))
    policy, _ = asked.trust(config.load(shop), "dev")
    assert SUBJECT in json.dumps(policy)
    with pytest.raises(CredentialError, match="the token names no subject"):
        asked.trust(config.load(shop), "dev")


def test_identity_when_roles_are_taken_from_there_then_those_and_no_other(shop: Path) -> None:
    """The identity takes two, the role `ops` one, and `dev` none."""

    def resources(source: str = "") -> list[str]:
        found: list[str] = asked.identity(config.load(shop), source)["Statement"][0]["Resource"]
        return found

    assert resources() == ["arn:aws:iam::111122223333:role/dev", "arn:aws:iam::444455556666:role/ops"]
    assert resources("ops") == ["arn:aws:iam::123456789012:role/end"]
    with pytest.raises(ConfigError, match="role dev takes no role") as caught:
        resources("dev")
    assert caught.value.code == "policy-empty"


def test_identity_when_it_takes_none_itself_then_said(shop: Path) -> None:
    """Where every role is one of Identity Center."""
    (shop / "envrc.d/roles.toml").write_text(ROLES[ROLES.index("[roles.desk]") :])
    with pytest.raises(ConfigError, match="the identity takes no role"):
        asked.identity(config.load(shop))
