"""What `lock` removes beside the sessions: MFA sessions, half-written files, and the logins that are ours."""

import json
from pathlib import Path

import pytest

from rolecall.credentials import lock
from rolecall.credentials.identity_center import token_files
from rolecall.credentials.identity_center.token_files import Token
from rolecall.credentials.store import audit, locked
from rolecall.errors import LoginNeededError
from rolecall.project.roles import SsoSession
from support.credentials import obtain, place_of
from support.fake_aws import FakeAws

CORP = SsoSession("corp", "https://corp.awsapps.com/start", "eu-west-1")
OTHER = SsoSession("other", "https://other.awsapps.com/start", "eu-west-1")
PORTAL = """
[sso.corp]
start_url = "https://corp.awsapps.com/start"
region = "eu-west-1"
[roles.desk]
sso = { session = "corp", account_id = "111122223333", role_name = "Admin" }
"""


def write(portal: SsoSession, *, is_ours: bool) -> Path:
    """Keep a login; return its file."""
    environ = place_of(Path("/")).environ
    token_files.write_token(portal, Token("secret", 2_000_000_000, is_ours=is_ours), environ=environ)
    return token_files.token_path(portal, environ=environ)


def test_lock_when_an_mfa_session_and_half_a_file_lie_there_then_both_are_removed(
    shop: Path, aws: FakeAws
) -> None:
    """Whatever of the folder could be a credential; what is none stays."""
    obtain(shop, "dev")
    folder = Path(place_of(shop).folder)
    for name in ("0123456789abcdef.mfa", ".dev.env.12345.678", ".0123456789abcdef.mfa.12345.678"):
        (folder / name).write_text("AWS_SECRET_ACCESS_KEY=x\nROLECALL_EXPIRES=1\n")
    kept = {path.name for path in folder.iterdir()}
    done = lock.lock(place_of(shop))
    gone = kept - {path.name for path in folder.iterdir()}
    assert gone == {
        "dev.env",
        "0123456789abcdef.mfa",
        ".dev.env.12345.678",
        ".0123456789abcdef.mfa.12345.678",
    }
    assert (done.sessions, done.until > 0) == (2, True)
    assert [entry["event"] for entry in audit.read(place_of(shop))] == ["assume", "lock"]


@pytest.mark.parametrize("is_all", [False, True])
def test_lock_when_there_are_logins_then_ours_are_removed_and_the_aws_clis_stay(
    shop: Path, *, is_all: bool
) -> None:
    """The project's own, or with all projects each of ours; a login that the AWS CLI made is not ours."""
    roles = shop / "envrc.d/roles.toml"
    roles.write_text(roles.read_text() + PORTAL)
    ours, others = write(CORP, is_ours=True), write(OTHER, is_ours=True)
    assert lock.lock(place_of(shop), is_all=is_all).logins == (2 if is_all else 1)
    assert (ours.exists(), others.exists()) == (False, not is_all)
    ours = write(CORP, is_ours=True)
    ours.write_text(ours.read_text().replace("secret", "renewed by the AWS CLI"))
    assert lock.lock(place_of(shop), is_all=is_all).logins == 0
    theirs = write(CORP, is_ours=False)
    assert json.loads(theirs.read_text()).keys() == {"startUrl", "region", "accessToken", "expiresAt"}
    assert lock.lock(place_of(shop), is_all=is_all).logins == 0
    assert theirs.exists()


def test_locked_when_another_wrote_the_word_for_all_then_counts_as_locked(shop: Path) -> None:
    """An empty or a foreign mark locks: in doubt nobody gets a session."""
    where = place_of(shop)
    assert not locked.is_locked(where)
    locked.mark(where, is_all=True)
    locked.unlock(where)
    assert not locked.is_locked(where)
    Path(where.state).parent.joinpath("locked").write_text("")
    with pytest.raises(LoginNeededError, match="is locked"):
        locked.refuse(where)
    locked.unlock(where)
    assert not locked.is_locked(where)


def test_lock_when_the_declaration_is_broken_then_the_sessions_go_and_the_rest_is_said(
    shop: Path, aws: FakeAws
) -> None:
    """Which portals there are, nobody knows then."""
    obtain(shop, "dev")
    (shop / "envrc.d/roles.toml").write_text("[")
    done = lock.lock(place_of(shop))
    assert (done.sessions, done.logins, len(done.problems)) == (1, 0, 1)
    assert done.problems[0].startswith("a login at Identity Center may be left: ")
