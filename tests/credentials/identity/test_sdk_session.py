"""An SDK session of each kind of identity, for what needs an SDK: its keys, and no role of ours."""

import os
from pathlib import Path

import pytest

from rolecall.credentials.identity import keyring, sdk_session, sources
from rolecall.errors import CredentialError, LoginNeededError
from rolecall.project import config
from rolecall.system.text.secret import Secret
from support import write_env
from support.fake_aws import KEY_ID, FakeAws, refusal
from support.file_keyring import FileKeyring


def keys(root: Path) -> tuple[str, str, str | None]:
    """Return the key id, secret and token that a session of the project's identity signs with."""
    found = sdk_session.opened(sources.find(config.load(root))).get_credentials().get_frozen_credentials()
    return found.access_key, found.secret_key, found.token


def test_session_when_keys_stand_in_env_then_those(shop: Path) -> None:
    """With their token, where they have one."""
    assert keys(shop) == ("AKIAFAKEFAKEFAKE1234", "secret-of-ann", None)
    write_env(shop, (shop / ".env").read_text() + "AWS_SESSION_TOKEN=token-of-ann\n")
    assert keys(shop) == ("AKIAFAKEFAKEFAKE1234", "secret-of-ann", "token-of-ann")


def test_session_when_keys_lie_in_the_keyring_then_those(
    shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The name in `.env` opens it."""
    monkeypatch.setenv("FILE_KEYRING", str(tmp_path / "keyring.json"))
    made = FileKeyring()  # type: ignore[no-untyped-call] # the library has no types
    monkeypatch.setattr("keyring.core._keyring_backend", made)
    write_env(shop, f"ROLECALL_KEYRING={keyring.store('AKIAKEYRINGKEYRING55', Secret('of-keyring'))}\n")
    assert keys(shop) == ("AKIAKEYRINGKEYRING55", "of-keyring", None)


def test_session_when_a_token_is_for_a_role_then_that_roles_keys(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Asked in the region of the environment; a token for no role opens nothing."""
    (tmp_path / "token").write_text(" the-token\n")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    with pytest.raises(LoginNeededError) as caught:
        keys(shop)
    assert caught.value.code == "identity-missing"
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/base")
    assert keys(shop) == (KEY_ID, "secret/of+role=", "token/of+session=")
    (asked,) = aws.asked("AssumeRoleWithWebIdentity")
    assert (asked["WebIdentityToken"], asked["RoleArn"]) == (
        "the-token",
        "arn:aws:iam::111122223333:role/base",
    )
    assert asked["RoleSessionName"].endswith("@rolecall")
    aws.queue("AssumeRoleWithWebIdentity", refusal("InvalidIdentityToken"))
    with pytest.raises(CredentialError) as refused:
        keys(shop)
    assert refused.value.code == "web-identity-refused"


def test_session_when_a_profile_wants_a_code_and_nobody_is_there_then_said(
    shop: Path, aws: FakeAws, home: Path
) -> None:
    """Whoever opens it without a way to ask, on `cd` or in a script."""
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(
        "[profile hub]\nrole_arn = arn:aws:iam::111122223333:role/hub\nsource_profile = ann\n"
        "mfa_serial = arn:aws:iam::111122223333:mfa/ann\n"
        "[profile ann]\naws_access_key_id = AKIAPROFILEPROFILE77\naws_secret_access_key = s\n"
    )
    write_env(shop, f"AWS_PROFILE=hub\nAWS_ENDPOINT_URL={aws.url}\n")
    with pytest.raises(LoginNeededError) as caught:
        keys(shop)
    assert caught.value.code == "mfa-needed"
    assert not aws.asked("AssumeRole")


@pytest.mark.parametrize(("outer", "seen"), [("", "shop/dev"), ("other/x", "other/x,shop/dev")])
def test_session_when_for_a_role_then_the_program_behind_it_is_told_which(
    shop: Path, home: Path, monkeypatch: pytest.MonkeyPatch, outer: str, seen: str
) -> None:
    """By that rolecall knows itself, however many programs lie between."""
    program = home / "program"
    reply = '{"Version": 1, "AccessKeyId": "AKIA", "SecretAccessKey": "%s"}'
    program.write_text(f"#!/bin/sh\nprintf '{reply}' \"$ROLECALL_RESOLVING\"\n")
    program.chmod(0o700)
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(f"[profile ann]\ncredential_process = {program}\n")
    write_env(shop, "AWS_PROFILE=ann\n")
    if outer:
        monkeypatch.setenv("ROLECALL_RESOLVING", outer)
    session = sdk_session.opened(sources.find(config.load(shop)), environ=os.environ, guard="shop/dev")
    assert session.get_credentials().secret_key == seen
