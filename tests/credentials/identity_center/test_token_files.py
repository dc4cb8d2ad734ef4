"""The login files of the AWS CLI: its names, its fields, and which of them rolecall wrote."""

import json
import os
import stat
from pathlib import Path

import pytest

from rolecall.credentials.identity_center import token_files
from rolecall.credentials.identity_center.token_files import Registration, Token
from rolecall.project.roles import SsoSession

CORP = SsoSession("corp", "https://corp.awsapps.com/start", "eu-west-1")
OLD = SsoSession("", "https://corp.awsapps.com/start", "eu-west-1", ())
ENDS = 2_000_000_000
REGISTERED = Registration("client", "client-secret", ENDS + 60)
FULL = {
    "startUrl": CORP.start_url,
    "region": "eu-west-1",
    "accessToken": "access",
    "expiresAt": "2033-05-18T03:33:20Z",
    "clientId": "client",
    "clientSecret": "client-secret",
    "registrationExpiresAt": "2033-05-18T03:34:20Z",
    "refreshToken": "refresh",
}


def write(token: Token, portal: SsoSession = CORP) -> Path:
    token_files.write_token(portal, token, environ=os.environ)
    return token_files.token_path(portal, environ=os.environ)


def read(portal: SsoSession = CORP) -> Token | None:
    return token_files.read_token(portal, environ=os.environ)


@pytest.mark.parametrize("is_ours", [True, False])
def test_token_when_written_then_as_the_aws_cli_does_and_read_as_it_was(home: Path, *, is_ours: bool) -> None:
    """With the registration and what renews it; private, in private folders."""
    token = Token("access", ENDS, "refresh", REGISTERED, is_ours)
    path = write(token)
    assert json.loads(path.read_text()) == FULL
    assert read() == token
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_token_when_it_cannot_be_renewed_then_without_those_fields(home: Path) -> None:
    """Nothing stands there empty."""
    path = write(Token("access", ENDS))
    assert list(json.loads(path.read_text())) == ["startUrl", "region", "accessToken", "expiresAt"]
    assert read() == Token("access", ENDS)


@pytest.mark.parametrize("gone", ["clientId", "clientSecret", "registrationExpiresAt"])
def test_token_when_a_part_of_the_registration_is_missing_then_without_it(home: Path, gone: str) -> None:
    """It is a login all the same."""
    path = write(Token("access", ENDS, "refresh", REGISTERED))
    path.write_text(json.dumps({name: value for name, value in FULL.items() if name != gone}))
    assert read() == Token("access", ENDS, "refresh")


@pytest.mark.parametrize("gone", ["accessToken", "expiresAt"])
def test_token_when_its_own_part_is_missing_then_none(home: Path, gone: str) -> None:
    """Nor one whose end is no text."""
    path = write(Token("access", ENDS))
    path.write_text(json.dumps({name: value for name, value in FULL.items() if name != gone}))
    assert read() is None
    path.write_text(json.dumps({**FULL, "expiresAt": 5}))
    assert read() is None


@pytest.mark.parametrize(
    "moment", ["2033-05-18T03:33:20UTC", "2033-05-18T03:33:20", "2033-05-18T05:33:20+02:00"]
)
def test_token_when_its_end_is_written_otherwise_then_the_same_moment(home: Path, moment: str) -> None:
    """Without a zone it is UTC."""
    write(Token("access", ENDS)).write_text(json.dumps({"accessToken": "access", "expiresAt": moment}))
    assert read() == Token("access", ENDS)


def test_token_when_the_aws_cli_renewed_it_then_it_is_the_clis(home: Path) -> None:
    """Only what is as rolecall wrote it is removed by a lock."""
    path = write(Token("access", ENDS, is_ours=True))
    path.write_text(path.read_text().replace("access", "access-2", 1))
    assert not token_files.forget(CORP, environ=os.environ)
    assert path.exists()
    write(Token("access", ENDS, is_ours=True))
    write(Token("access", ENDS))
    assert not token_files.forget(CORP, environ=os.environ)


def test_forget_when_tokens_are_ours_then_those_and_their_marks_go(home: Path) -> None:
    """One, or every one; the AWS CLI's stay."""
    state = Path(os.environ["HOME"]) / ".local/state/rolecall/sso"
    ours = Token("access", ENDS, is_ours=True)
    path, old = write(ours), write(ours, OLD)
    assert len(list(state.glob("*.ours"))) == 2
    assert token_files.forget(CORP, environ=os.environ)
    assert not token_files.forget(CORP, environ=os.environ)
    assert (path.exists(), old.exists(), len(list(state.glob("*.ours")))) == (False, True, 1)
    write(Token("access", ENDS))
    assert token_files.forget_own(environ=os.environ) == 1
    assert (path.exists(), old.exists(), list(state.glob("*.ours"))) == (True, False, [])


@pytest.mark.parametrize(("portal", "scopes"), [(CORP, ["sso:account:access"]), (OLD, None)])
def test_registration_when_written_then_read_and_for_that_portal_alone(
    home: Path, portal: SsoSession, scopes: list[str] | None
) -> None:
    """The scopes it was made for go with it; another address, region or scope is another one."""
    token_files.write_registration(portal, REGISTERED, environ=os.environ)
    path = token_files.registration_path(portal, environ=os.environ)
    kept = json.loads(path.read_text())
    assert (kept["expiresAt"], kept.get("scopes")) == ("2033-05-18T03:34:20Z", scopes)
    assert token_files.read_registration(portal, environ=os.environ) == REGISTERED
    others = [
        SsoSession(portal.name, "https://other/", portal.region, portal.scopes),
        SsoSession(portal.name, portal.start_url, "us-east-1", portal.scopes),
        SsoSession(portal.name, portal.start_url, portal.region, ("more",)),
        SsoSession("other", portal.start_url, portal.region, portal.scopes),
    ]
    assert [token_files.read_registration(one, environ=os.environ) for one in others] == [None] * 4
    for odd in ({"expiresAt": "soon"}, {"expiresAt": 5}, {"grantTypes": None}):
        path.write_text(json.dumps({**kept, **odd}))
        assert token_files.read_registration(portal, environ=os.environ) is None


def test_token_when_another_environment_is_given_then_it_lies_there(home: Path, tmp_path: Path) -> None:
    """The login, its mark and the registration; nothing in the home of this process."""
    environ = {"HOME": str(tmp_path)}
    token = Token("access", ENDS, is_ours=True)
    token_files.write_token(CORP, token, environ=environ)
    token_files.write_registration(CORP, REGISTERED, environ=environ)
    assert (token_files.read_token(CORP, environ=environ), read()) == (token, None)
    assert token_files.read_registration(CORP, environ=environ) == REGISTERED
    assert not (home / ".aws").exists()
    assert token_files.forget_own(environ=environ) == 1
