"""`whoami` where it cannot be answered: the same plain words."""

from pathlib import Path

import pytest

from rolecall.credentials import whoami
from rolecall.errors import CredentialError, RolecallError
from rolecall.project import config
from support import write_env
from support.fake_aws import FakeAws, Reply, refusal

HELD = {
    "AWS_ACCESS_KEY_ID": "ASIAROLEROLEROLE0009",
    "AWS_SECRET_ACCESS_KEY": "role-secret",
    "AWS_SESSION_TOKEN": "role-token",
    "AWS_CREDENTIAL_EXPIRATION": "2099-01-01T00:00:00Z",
    "AWS_ACCOUNT_ID": "111122223333",
    "ROLECALL_ROLE": "dev",
}


def ask(root: Path) -> whoami.Answer:
    return whoami.ask(config.load(root))


def test_whoami_when_the_held_role_has_expired_then_named(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An expired role in the shell is called by its name."""
    for name, value in HELD.items():
        monkeypatch.setenv(name, value)
    aws.queue("GetCallerIdentity", refusal("ExpiredToken", status=403))
    with pytest.raises(CredentialError, match="role dev: its temporary credentials have expired"):
        ask(shop)


def test_whoami_when_the_config_file_is_broken_then_still_answers(shop: Path, home: Path) -> None:
    """A broken AWS config file does not keep the keys from saying who they are."""
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text("[profile x\n")
    assert ask(shop).arn == "arn:aws:iam::111122223333:user/team/ann"


def test_whoami_when_sts_has_an_address_of_its_own_then_asked_there(shop: Path, aws: FakeAws) -> None:
    """AWS_ENDPOINT_URL_STS in `.env` goes before AWS_ENDPOINT_URL, here too."""
    text = (shop / ".env").read_text().replace("AWS_ENDPOINT_URL=", "AWS_ENDPOINT_URL=http://127.0.0.1:9 #")
    write_env(shop, f"{text}AWS_ENDPOINT_URL_STS={aws.url}\n")
    assert ask(shop).account == "111122223333"


def test_whoami_when_the_identity_is_a_hanging_program_then_ends(
    shop: Path, aws: FakeAws, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that says nothing ends at the deadline, with the reason."""
    monkeypatch.setattr(whoami, "PATIENCE_SECONDS", 0.5)
    aws.queue("GetCallerIdentity", *[Reply(200, "", pause_seconds=5)] * 3)
    with pytest.raises(RolecallError) as caught:
        ask(shop)
    assert caught.value.code == "timeout"


def test_whoami_when_refused_then_not_taken_for_a_trust_policy(shop: Path, aws: FakeAws) -> None:
    """A denied GetCallerIdentity has nothing to do with a role."""
    message = "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: sts:GetCallerIdentity"
    aws.queue("GetCallerIdentity", refusal("AccessDenied", message, status=403))
    with pytest.raises(CredentialError) as caught:
        ask(shop)
    assert caught.value.code == "refused"
