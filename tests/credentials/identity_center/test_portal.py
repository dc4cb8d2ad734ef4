"""IAM Identity Center: one login for us and the AWS CLI, renewed silently, never started on `cd`."""

import hashlib
import json
import os
import stat
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from rolecall.credentials.aws import sdk
from rolecall.credentials.identity_center import portal as identity_center
from rolecall.credentials.identity_center import token_files
from rolecall.credentials.identity_center.token_files import Registration, Token
from rolecall.credentials.model import Session
from rolecall.credentials.store import choice
from rolecall.errors import EXIT_LOGIN, CredentialError, LoginNeededError
from rolecall.project import config
from rolecall.project.declared import Project
from rolecall.project.roles import Chain, SsoSession
from rolecall.system.person.person import Person
from rolecall.system.python.frozen import replace
from support import write_env
from support.credentials import obtain
from support.fake_aws import FakeAws, Reply, json_refusal, json_reply, page, refusal

ROLES = """\
[project]
name = "shop"
region = "eu-west-1"
default_role = "desk"

[roles.desk]
sso = { session = "corp", account_id = "111122223333", role_name = "Admin" }

[roles.end]
role_arn = "arn:aws:iam::444455556666:role/end"
source = "desk"
duration = "4h"

[sso.corp]
start_url = "https://corp.awsapps.com/start"
region = "eu-west-1"
"""
CORP = SsoSession("corp", "https://corp.awsapps.com/start", "eu-west-1")


def digest(text: str) -> str:
    """Return the name the AWS CLI gives a file."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


CLI_NAME = f"{digest('corp')}.json"


def iso(seconds: float) -> str:
    """Return a moment `seconds` from now as the AWS CLI writes it."""
    return datetime.fromtimestamp(time.time() + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def desk(shop: Path, aws: FakeAws) -> Path:
    """Make a project whose roles come from Identity Center, without any keys."""
    (shop / "envrc.d/roles.toml").write_text(ROLES)
    write_env(
        shop,
        f"AWS_ENDPOINT_URL_STS={aws.url}\nAWS_ENDPOINT_URL_SSO={aws.url}\nAWS_ENDPOINT_URL_SSO_OIDC={aws.url}\n",
    )
    return shop


def cli_login(home: Path, *, left: float = 3600, **more: Any) -> Path:
    """Leave a login as the AWS CLI v2 does."""
    folder = home / ".aws/sso/cache"
    folder.mkdir(parents=True, exist_ok=True)
    kept = {
        "startUrl": CORP.start_url,
        "region": CORP.region,
        "accessToken": "access-0",
        "expiresAt": iso(left),
        "clientId": "client-0",
        "clientSecret": "client-secret-0",
        "registrationExpiresAt": iso(90 * 86400),
        **more,
    }
    path = folder / CLI_NAME
    path.write_text(json.dumps(kept))
    return path


def take(root: Path, role: str = "desk") -> Session:
    return obtain(root, role)


@dataclass
class Bob:
    """A person with a browser."""

    is_there: bool = True
    now: float = field(default_factory=time.time)
    heard: list[str] = field(default_factory=list)
    visited: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def browse(self, url: str) -> bool:
        """Open a page."""
        self.visited.append(url)
        return True

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds

    @property
    def person(self) -> Person:
        """What the code under test sees of him."""
        return Person(
            say=self.heard.append,
            can_ask=lambda: self.is_there,
            browse=self.browse,
            clock=lambda: self.now,
            sleep=self.sleep,
        )


def login(aws: FakeAws, bob: Bob, *, force: bool = False) -> tuple[Token, bool]:
    session = sdk.bare({"AWS_ENDPOINT_URL_SSO_OIDC": aws.url, "AWS_ENDPOINT_URL_SSO": aws.url})
    return identity_center.login(CORP, session, environ=os.environ, force=force, person=bob.person)


def test_role_when_the_aws_cli_logged_in_then_its_login_serves(desk: Path, home: Path, aws: FakeAws) -> None:
    """A permission set is had with the AWS CLI's own login, and the account is checked."""
    cli_login(home)
    session = take(desk)
    (asked,) = aws.asked("GET /federation/credentials")
    assert asked == {"role_name": "Admin", "account_id": "111122223333"}
    assert aws.seen[0].headers["x-amz-sso_bearer_token"] == "access-0"
    assert session.assumed_arn.startswith("arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_")
    assert 3500 < session.seconds_left(time.time()) <= 3600
    assert session.notes == ()


def test_chain_when_it_begins_at_the_portal_then_an_hour_and_said(
    desk: Path, home: Path, aws: FakeAws
) -> None:
    """A role may be reached through a permission set; AWS gives it an hour."""
    cli_login(home)
    session = take(desk, "end")
    assert (session.account, aws.asked("AssumeRole")[0]["DurationSeconds"]) == ("444455556666", "3600")
    assert "end lasts 1h" in session.notes[0]


@pytest.mark.parametrize("left", [None, -60])
def test_role_when_nobody_is_logged_in_then_the_command(
    desk: Path, home: Path, aws: FakeAws, left: float | None
) -> None:
    """Without a login it ends with exit code 4 and `invoke login`, and no request is made."""
    if left is not None:
        cli_login(home, left=left)
    with pytest.raises(LoginNeededError) as caught:
        take(desk)
    problem = caught.value
    assert (problem.code, problem.hint, problem.exit_code) == (
        "sso-login-needed",
        "invoke login --session corp",
        EXIT_LOGIN,
    )
    assert "role desk: the Identity Center login corp is missing or has expired" in problem.message
    assert aws.seen == []


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (
            json_refusal("UnauthorizedException", "Session token not found or invalid", status=401),
            "sso-login-needed",
        ),
        (json_refusal("ForbiddenException", "No access", status=403), "sso-not-assigned"),
        (json_refusal("ResourceNotFoundException", "no", status=404), "sso-not-assigned"),
        (page(), "captive-portal"),
        (Reply(500, "{}"), "aws-down"),
    ],
)
def test_role_when_the_portal_refuses_then_named(
    desk: Path, home: Path, aws: FakeAws, reply: Reply, code: str
) -> None:
    """A withdrawn login and a permission set that is not assigned are told apart."""
    cli_login(home)
    aws.queue("GET /federation/credentials", *[reply] * 8)
    with pytest.raises(CredentialError) as caught:
        obtain(desk, "desk", seconds=20)
    assert caught.value.code == code


def test_login_when_it_ends_soon_then_renewed_silently(desk: Path, home: Path, aws: FakeAws) -> None:
    """With a refresh token nobody is asked; what is kept is the AWS CLI's file again."""
    path = cli_login(home, left=60, refreshToken="refresh-1")
    take(desk)
    (asked,) = aws.asked("POST /token")
    assert (asked["grantType"], asked["refreshToken"], asked["clientId"]) == (
        "refresh_token",
        "refresh-1",
        "client-0",
    )
    kept = json.loads(path.read_text())
    assert (kept["accessToken"], kept["refreshToken"], kept["clientId"]) == (
        "access-1",
        "refresh-2",
        "client-0",
    )
    assert aws.seen[-2].headers["x-amz-sso_bearer_token"] == "access-1"


def test_login_when_renewal_is_refused_but_it_still_stands_then_used(
    desk: Path, home: Path, aws: FakeAws
) -> None:
    """A login of which minutes are left is good for these minutes."""
    cli_login(home, left=60, refreshToken="refresh-1")
    aws.queue("POST /token", json_refusal("InvalidGrantException"))
    take(desk)


def test_login_when_renewal_is_refused_and_it_has_expired_then_login_needed(
    desk: Path, home: Path, aws: FakeAws
) -> None:
    """A refresh token that is worth nothing any more leads to `invoke login`."""
    cli_login(home, left=-60, refreshToken="refresh-1")
    aws.queue("POST /token", json_refusal("InvalidGrantException"))
    with pytest.raises(LoginNeededError):
        take(desk)


def test_device_flow_when_a_person_sits_there_then_url_code_and_browser(home: Path, aws: FakeAws) -> None:
    """The code and the address are shown, the browser opens, and the wait obeys the portal's pace."""
    aws.queue(
        "POST /token",
        json_refusal("AuthorizationPendingException"),
        json_refusal("SlowDownException"),
        json_refusal("AuthorizationPendingException"),
    )
    bob = Bob()
    token, is_new = login(aws, bob)
    assert (token.access, is_new) == ("access-1", True)
    assert bob.heard[0] == "confirm the code ABCD-EFGH at https://device.example/?user_code=ABCD-EFGH"
    assert bob.visited == ["https://device.example/?user_code=ABCD-EFGH"]
    assert bob.slept == [1.0, 6.0, 6.0]
    assert json.loads(aws.asked("POST /client/register")[0]["scopes"]) == ["sso:account:access"]


def test_device_flow_when_without_a_terminal_then_no_browser(home: Path, aws: FakeAws) -> None:
    """Over a pipe the address is printed, and nothing is opened."""
    bob = Bob(is_there=False)
    login(aws, bob)
    assert (bob.visited, len(bob.heard)) == ([], 2)


def test_login_file_when_written_then_the_aws_sdk_reads_it(
    home: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """botocore, like the AWS CLI, takes the token from where we left it; it is private."""
    login(aws, Bob())
    path = home / ".aws/sso/cache" / CLI_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    registered = {"clientId", "clientSecret", "registrationExpiresAt", "refreshToken"}
    assert set(json.loads(path.read_text())) == {
        "startUrl",
        "region",
        "accessToken",
        "expiresAt",
        *registered,
    }
    (home / ".aws/config").write_text(
        "[profile desk]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Admin\n"
        f"[sso-session corp]\nsso_start_url = {CORP.start_url}\nsso_region = eu-west-1\n"
    )
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSO", aws.url)
    monkeypatch.setattr("botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR", str(path.parent))
    session = botocore.session.Session(profile="desk")
    assert session.get_credentials().get_frozen_credentials().access_key == "ASIAPORTAL111122223333-Admin"


def test_registration_when_kept_then_not_made_again_and_under_the_aws_clis_name(
    home: Path, aws: FakeAws
) -> None:
    """One registration serves many logins; the AWS CLI finds it by the same digest."""
    login(aws, Bob())
    login(aws, Bob(), force=True)
    assert len(aws.asked("POST /client/register")) == 1
    facts = {
        "tool": "botocore",
        "startUrl": CORP.start_url,
        "region": "eu-west-1",
        "scopes": ["sso:account:access"],
        "session_name": "corp",
    }
    name = digest(json.dumps(facts, sort_keys=True))
    assert (home / ".aws/sso/cache" / f"{name}.json").exists()


def test_login_when_the_present_one_will_do_then_only_the_portal_is_asked(home: Path, aws: FakeAws) -> None:
    """`invoke login` twice logs in once; the portal says that the token is still good."""
    cli_login(home)
    bob = Bob()
    token, is_new = login(aws, bob)
    assert (token.access, is_new, bob.heard) == ("access-0", False, [])
    assert [one.operation for one in aws.seen] == ["GET /assignment/accounts"]


def test_device_flow_when_nobody_confirms_then_ends(home: Path, aws: FakeAws) -> None:
    """An expired code ends the wait, and nothing is kept."""
    aws.queue(
        "POST /token", json_refusal("AuthorizationPendingException"), json_refusal("ExpiredTokenException")
    )
    with pytest.raises(LoginNeededError) as caught:
        login(aws, Bob())
    assert caught.value.code == "sso-code-expired"
    assert not (home / ".aws/sso/cache" / CLI_NAME).exists()


@pytest.mark.parametrize(
    ("operation", "error", "code"),
    [
        ("POST /client/register", "InvalidRequestException", "sso-refused"),
        ("POST /device_authorization", "InvalidClientException", "sso-refused"),
        ("POST /token", "AccessDeniedException", "sso-refused"),
    ],
)
def test_device_flow_when_refused_then_explained(
    home: Path, aws: FakeAws, operation: str, error: str, code: str
) -> None:
    """A refusal anywhere in the flow names what to check."""
    aws.queue(operation, json_refusal(error, "not like this"))
    with pytest.raises(CredentialError, match="not like this") as caught:
        login(aws, Bob())
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"accessToken": "x"}', '{"accessToken": "x", "expiresAt": "soon"}']
)
def test_login_file_when_broken_then_no_login(home: Path, text: str) -> None:
    """A file that cannot be read is a login that is not there, never a crash."""
    path = cli_login(home)
    path.write_text(text)
    assert token_files.read_token(CORP, environ=os.environ) is None


def test_login_file_when_of_an_old_aws_cli_then_read(home: Path) -> None:
    """Older versions wrote UTC for the zone, and no registration."""
    path = cli_login(home)
    path.write_text('{"accessToken": "x", "expiresAt": "2099-01-01T00:00:00UTC"}')
    assert token_files.read_token(CORP, environ=os.environ) == Token("x", 4070908800)


def test_registration_when_for_the_other_flow_then_not_used(home: Path) -> None:
    """A registration that the AWS CLI made for its browser flow cannot do the device flow."""
    token_files.write_registration(CORP, Registration("a", "b", 4102444800), environ=os.environ)
    path = token_files.registration_path(CORP, environ=os.environ)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"grantTypes": ["authorization_code"]}))
    assert token_files.read_registration(CORP, environ=os.environ) is None


def test_session_when_only_the_config_file_knows_it_then_found(desk: Path, home: Path, aws: FakeAws) -> None:
    """An [sso-session] of ~/.aws/config needs no second declaration; an unknown one is named."""
    path = desk / "envrc.d/roles.toml"
    path.write_text(ROLES.partition("[sso.corp]")[0])
    cli_login(home)
    with pytest.raises(CredentialError, match="session corp is declared neither") as caught:
        take(desk)
    assert caught.value.code == "sso-session-unknown"
    (home / ".aws/config").write_text(
        f"[sso-session corp]\nsso_start_url = {CORP.start_url}\nsso_region = eu-west-1\n"
    )
    assert take(desk).role == "desk"


def test_profile_when_it_is_an_identity_center_one_then_the_identity(
    shop: Path, home: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Roles may be assumed with an Identity Center profile; an expired login names `invoke login`."""
    path = cli_login(home)
    monkeypatch.setattr("botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR", str(path.parent))
    (home / ".aws/config").write_text(
        "[profile desk]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Admin\n"
        f"[sso-session corp]\nsso_start_url = {CORP.start_url}\nsso_region = eu-west-1\n"
    )
    write_env(shop, f"AWS_PROFILE=desk\nAWS_ENDPOINT_URL={aws.url}\n")
    assert take(shop, "dev").account == "111122223333"
    path.unlink()
    with pytest.raises(LoginNeededError) as caught:
        obtain(shop, "dev", refresh=True)
    assert (caught.value.code, caught.value.hint) == ("sso-login-needed", "invoke login")


def test_portal_of_profile_when_legacy_then_named_by_its_address(home: Path) -> None:
    """A profile without an sso-session logs in by its start URL, as the AWS CLI does."""
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(
        f"[profile old]\nsso_start_url = {CORP.start_url}\nsso_region = eu-west-1\n"
    )
    project = config.load(Path("/nowhere"))
    portal = identity_center.portal_of_profile(project, "old", environ=os.environ)
    assert portal == SsoSession("", CORP.start_url, "eu-west-1", ())
    name = digest(CORP.start_url)
    assert token_files.token_path(portal, environ=os.environ).name == f"{name}.json"


def test_session_when_the_config_file_is_broken_then_that_is_said(desk: Path, home: Path) -> None:
    """A config file that cannot be read is named, not taken for one without the session."""
    (desk / "envrc.d/roles.toml").write_text(ROLES.partition("[sso.corp]")[0])
    cli_login(home)
    (home / ".aws/config").write_text("[sso-session corp\n")
    with pytest.raises(CredentialError) as caught:
        take(desk)
    assert caught.value.code == "profile-broken"


def test_refresh_when_two_processes_need_it_then_the_token_is_spent_once(
    desk: Path, home: Path, aws: FakeAws
) -> None:
    """A refresh token works once: whoever waits finds the renewed login."""
    from concurrent.futures import ThreadPoolExecutor

    cli_login(home, left=60, refreshToken="refresh-1")
    aws.queue("POST /token", json_reply({"accessToken": "access-9", "expiresIn": 28800, "refreshToken": "r"}))
    session = sdk.bare({"AWS_ENDPOINT_URL_SSO_OIDC": aws.url})
    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(lambda _: identity_center.valid_token(CORP, session, environ=os.environ), range(8))
        )
    assert {token.access for token in found if token} == {"access-9"}
    assert len(aws.asked("POST /token")) == 1


def test_login_when_the_token_was_revoked_then_logs_in_anew(home: Path, aws: FakeAws) -> None:
    """A token that the portal no longer takes is none, however long its file says it is good."""
    cli_login(home)
    aws.queue("GET /assignment/accounts", json_refusal("UnauthorizedException", status=401))
    token, is_new = login(aws, Bob())
    assert (token.access, is_new) == ("access-1", True)
    assert login(aws, Bob()) == (token, False)


CONFIG = f"""\
[profile desk]
sso_session = mine
[profile old]
sso_start_url = {CORP.start_url}
sso_region = us-east-1
[profile half]
sso_start_url = {CORP.start_url}
[profile other]
sso_region = us-east-1
[sso-session mine]
sso_start_url = https://mine.example/start
sso_region = eu-west-2
sso_registration_scopes = sso:account:access, more
[sso-session half]
sso_start_url = https://half.example/start
"""
MINE = SsoSession("mine", "https://mine.example/start", "eu-west-2", ("sso:account:access", "more"))
OLD = SsoSession("", CORP.start_url, "us-east-1", ())


@pytest.fixture
def declared(desk: Path, home: Path) -> Project:
    """Make the project of ROLES beside an AWS config file with portals of its own."""
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(CONFIG)
    return config.load(desk)


def test_portal_when_named_then_of_the_team_or_of_the_config_file(declared: Project) -> None:
    """With the scopes that the person's file asks for; half of one is none."""
    found = [identity_center.portal_of(declared, name, environ=os.environ) for name in ("corp", "mine")]
    assert found == [CORP, MINE]
    with pytest.raises(CredentialError, match="half") as caught:
        identity_center.portal_of(declared, "half", environ=os.environ)
    assert caught.value.code == "sso-session-unknown"


@pytest.mark.parametrize(
    ("profile", "portal"), [("desk", MINE), ("old", OLD), ("half", None), ("other", None)]
)
def test_portal_when_of_a_profile_then_its_session_or_its_address(
    declared: Project, profile: str, portal: SsoSession | None
) -> None:
    """An address without a region is none."""
    assert identity_center.portal_of_profile(declared, profile, environ=os.environ) == portal


def test_portal_when_needed_then_the_named_the_roles_or_the_profiles(declared: Project) -> None:
    """In this order; none where keys stand in `.env`, or nothing names one."""
    chain, bare = choice.chain(declared, "end"), dict(os.environ)

    def needed(project: Project, own: Chain | None, name: str = "", **more: str) -> SsoSession | None:
        return identity_center.needed(project, own, name, environ={**bare, **more})

    assert needed(declared, chain, "mine") == MINE
    assert needed(declared, chain) == CORP
    assert needed(declared, None, AWS_PROFILE="desk") == MINE
    assert needed(declared, None) is None
    assert needed(replace(declared, profile="old"), None, AWS_PROFILE="desk") == OLD
    keyed = replace(declared, profile="old", env={"AWS_ACCESS_KEY_ID": "AKIA"})
    assert (needed(keyed, None), needed(keyed, chain)) == (None, CORP)


def test_portal_when_all_are_asked_for_then_each_once(declared: Project) -> None:
    """Those that are declared, and those that only a role names."""
    path = Path(declared.place.root) / "envrc.d/roles.toml"
    more = '[roles.my]\nsso = { session = "mine", account_id = "111122223333", role_name = "A" }\n'
    path.write_text(ROLES.replace("[sso.corp]", f"{more}[sso.corp]"))
    assert identity_center.every(config.load(path.parents[1]), environ=os.environ) == (CORP, MINE)


def test_login_needed_when_said_then_the_command_names_the_session() -> None:
    """A portal without a name needs no flag; the role is named where one is."""
    odd = SsoSession("my corp", CORP.start_url, CORP.region)
    problem = identity_center.login_needed(odd, role="desk")
    assert problem.hint == "invoke login --session 'my corp'"
    assert problem.message.startswith("role desk: the Identity Center login my corp is missing")
    assert identity_center.login_needed(OLD).hint == "invoke login"


def test_role_when_its_keys_are_refused_then_the_login_is_named(desk: Path, home: Path, aws: FakeAws) -> None:
    """STS says whose the portal's keys are; the request is signed for the region of the first role."""
    cli_login(home)
    text = ROLES.replace("[roles.end]", 'region = "eu-west-3"\n[roles.end]')
    (desk / "envrc.d/roles.toml").write_text(text)
    aws.queue("GetCallerIdentity", refusal("ExpiredToken", status=403))
    with pytest.raises(CredentialError, match="the Identity Center login corp: its temporary"):
        take(desk)
    assert "/eu-west-3/sts/aws4_request" in aws.seen[-1].headers["authorization"]


def test_login_when_renewed_without_a_new_refresh_token_then_the_old_one_stays(
    desk: Path, home: Path, aws: FakeAws
) -> None:
    """It serves the next time, too (RFC 6749, 6)."""
    path = cli_login(home, left=60, refreshToken="refresh-1")
    aws.queue("POST /token", json_reply({"accessToken": "access-1", "expiresIn": 28800}))
    take(desk)
    assert json.loads(path.read_text())["refreshToken"] == "refresh-1"
