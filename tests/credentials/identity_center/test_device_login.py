"""Logging in with a code in a browser: which registration serves, how long to wait, what is renewed."""

import os
from typing import Any

import pytest

from rolecall.credentials.aws import sdk
from rolecall.credentials.identity_center import device_login, token_files
from rolecall.credentials.identity_center.token_files import Registration, Token
from rolecall.errors import CredentialError, LoginNeededError
from rolecall.project.roles import SsoSession
from rolecall.system.clock import Deadline
from rolecall.system.person.person import Person
from rolecall.system.python.frozen import replace
from support.fake_aws import FakeAws, Reply, json_refusal, json_reply

CORP = SsoSession("corp", "https://corp.awsapps.com/start", "eu-west-1")
NOW = 1_900_000_000
MINUTE = 60
PENDING = json_refusal("AuthorizationPendingException")
GRANT = {
    "deviceCode": "device-1",
    "userCode": "ABCD-EFGH",
    "verificationUri": "https://device.example/",
    "expiresIn": 600,
    "interval": 1,
}


class Bob:
    """A person whose time passes only while rolecall waits for them."""

    def __init__(self) -> None:
        self.now = float(NOW)
        self.slept: list[float] = []
        self.heard: list[str] = []
        self.visited: list[str] = []

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds

    def browse(self, url: str) -> bool:
        """Open a page."""
        self.visited.append(url)
        return True

    @property
    def person(self) -> Person:
        """What the code under test sees."""
        return Person(
            say=self.heard.append,
            can_ask=lambda: True,
            browse=self.browse,
            clock=lambda: self.now,
            sleep=self.sleep,
        )


def session_of(aws: FakeAws) -> Any:
    return sdk.bare({"AWS_ENDPOINT_URL_SSO_OIDC": aws.url})


def login(aws: FakeAws, bob: Bob, portal: SsoSession = CORP) -> Token:
    return device_login.login(portal, session_of(aws), environ=os.environ, person=bob.person)


@pytest.mark.parametrize(("left", "is_made"), [(15 * MINUTE, True), (15 * MINUTE + 1, False), (-1, True)])
def test_registration_when_it_ends_within_a_quarter_of_an_hour_then_made_anew(
    aws: FakeAws, left: int, *, is_made: bool
) -> None:
    """It must outlive the wait for a person."""
    token_files.write_registration(CORP, Registration("client-0", "s-0", NOW + left), environ=os.environ)
    token = login(aws, Bob())
    assert token.registration
    assert token.registration.client_id == ("client-1" if is_made else "client-0")
    assert len(aws.asked("POST /client/register")) == is_made
    kept = token_files.read_registration(CORP, environ=os.environ)
    assert kept == token.registration


@pytest.mark.parametrize(
    ("portal", "name", "scopes"),
    [
        (CORP, "rolecall-corp", '["sso:account:access"]'),
        (replace(CORP, name="", scopes=()), "rolecall-login", None),
    ],
)
def test_registration_when_made_then_says_who_and_for_what(
    aws: FakeAws, portal: SsoSession, name: str, scopes: str | None
) -> None:
    """By the name that an administrator of the portal sees."""
    login(aws, Bob(), portal)
    (asked,) = aws.asked("POST /client/register")
    assert (asked["clientName"], asked["clientType"], asked.get("scopes")) == (name, "public", scopes)
    (started,) = aws.asked("POST /device_authorization")
    assert started == {
        "clientId": "client-1",
        "clientSecret": "client-secret-1",
        "startUrl": CORP.start_url,
    }


def test_login_when_confirmed_then_the_token_lasts_as_long_as_the_portal_says(aws: FakeAws) -> None:
    """From now on; what was asked for it is what the portal gave out."""
    bob = Bob()
    token = login(aws, bob)
    assert (token.access, token.expires, token.refresh) == ("access-1", NOW + 28800, "refresh-2")
    (asked,) = aws.asked("POST /token")
    assert asked == {
        "grantType": "urn:ietf:params:oauth:grant-type:device_code",
        "clientId": "client-1",
        "clientSecret": "client-secret-1",
        "deviceCode": "device-1",
    }
    assert "only if you started this login yourself" in bob.heard[1]


def test_page_when_it_has_no_place_for_the_code_then_the_plain_one(aws: FakeAws) -> None:
    """The code is said in any case."""
    aws.queue("POST /device_authorization", json_reply(GRANT))
    bob = Bob()
    login(aws, bob)
    assert bob.visited == ["https://device.example/"]
    assert bob.heard[0] == "confirm the code ABCD-EFGH at https://device.example/"


@pytest.mark.parametrize(
    ("changed", "slept"),
    [({"interval": 7}, [7.0]), ({"interval": None}, [5.0]), ({"interval": 0}, [5.0])],
)
def test_wait_when_the_portal_names_no_pace_then_five_seconds(
    aws: FakeAws, changed: dict[str, Any], slept: list[float]
) -> None:
    """RFC 8628, 3.2."""
    grant = {name: value for name, value in {**GRANT, **changed}.items() if value is not None}
    aws.queue("POST /device_authorization", json_reply(grant))
    aws.queue("POST /token", PENDING)
    bob = Bob()
    login(aws, bob)
    assert bob.slept == slept


@pytest.mark.parametrize(("seconds", "tries"), [(3, 3), (2, 2), (None, 600)])
def test_wait_when_nobody_confirms_then_as_long_as_the_code_lasts(
    aws: FakeAws, seconds: int | None, tries: int
) -> None:
    """Ten minutes where the portal does not say."""
    grant = {name: value for name, value in {**GRANT, "expiresIn": seconds}.items() if value is not None}
    if seconds is None:
        grant["interval"] = 60
        tries = 10
    aws.queue("POST /device_authorization", json_reply(grant))
    aws.queue("POST /token", *[PENDING] * (tries + 5))
    with pytest.raises(LoginNeededError) as caught:
        login(aws, Bob())
    assert caught.value.code == "sso-code-expired"
    assert len(aws.asked("POST /token")) == tries


def test_wait_when_the_portal_says_that_the_code_has_ended_then_over(aws: FakeAws) -> None:
    """Not tried again until our own clock says so, too."""
    aws.queue("POST /token", json_refusal("ExpiredTokenException"))
    bob = Bob()
    with pytest.raises(LoginNeededError, match="not confirmed in the browser in time"):
        login(aws, bob)
    assert bob.slept == []


def test_wait_when_the_portal_wants_a_slower_pace_then_five_seconds_more_from_then_on(aws: FakeAws) -> None:
    """RFC 8628, 3.5."""
    slower = json_refusal("SlowDownException")
    aws.queue("POST /token", PENDING, slower, slower, PENDING)
    bob = Bob()
    login(aws, bob)
    assert bob.slept == [1.0, 6.0, 11.0, 11.0]


REGISTERED = Registration("client-0", "s-0", NOW + 1)
OLD = Token("access-0", NOW + 60, "refresh-0", REGISTERED)


def renewed(aws: FakeAws, token: Token, *, seconds: float = 20) -> Token | None:
    return device_login.refresh(CORP, token, session_of(aws), deadline=Deadline.after(seconds), now=NOW)


def test_refresh_when_it_can_be_then_the_new_token_keeps_what_the_portal_leaves_out(aws: FakeAws) -> None:
    """The refresh token serves again where no other came (RFC 6749, 6)."""
    aws.queue("POST /token", json_reply({"accessToken": "access-9", "expiresIn": 100}))
    assert renewed(aws, OLD) == Token("access-9", NOW + 100, "refresh-0", REGISTERED)
    (asked,) = aws.asked("POST /token")
    assert asked == {
        "grantType": "refresh_token",
        "clientId": "client-0",
        "clientSecret": "s-0",
        "refreshToken": "refresh-0",
    }
    found = renewed(aws, OLD)
    assert found
    assert found.refresh == "refresh-2"


@pytest.mark.parametrize(
    "token",
    [
        replace(OLD, refresh=""),
        replace(OLD, registration=None),
        replace(OLD, registration=replace(REGISTERED, expires=NOW)),
    ],
    ids=["no refresh token", "not registered", "registered until now"],
)
def test_refresh_when_only_a_person_can_then_nobody_is_asked(aws: FakeAws, token: Token) -> None:
    """There is nothing to show to the portal."""
    assert renewed(aws, token) is None
    assert aws.seen == []


def test_refresh_when_refused_then_none_and_when_out_of_order_then_said(aws: FakeAws) -> None:
    """A portal that is down has not said no: nobody logs in for that."""
    aws.queue("POST /token", json_refusal("InvalidGrantException"))
    assert renewed(aws, OLD) is None
    aws.queue("POST /token", Reply(500, "{}"), Reply(500, "{}"))
    with pytest.raises(CredentialError) as caught:
        renewed(aws, OLD, seconds=0.5)
    assert caught.value.code == "aws-down"
