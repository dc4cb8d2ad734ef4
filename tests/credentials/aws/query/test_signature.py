"""Signatures: AWS's own published examples, and botocore's for ten thousand requests."""

import datetime as dt
import random
import string
from typing import Any

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rolecall.credentials.aws.https import url
from rolecall.credentials.aws.query import form, signature
from rolecall.credentials.aws.query.signature import Keys, Scope
from rolecall.system.text.secret import Secret

# AWS's test suite of Signature Version 4, and "Examples" of its General Reference.
KEYS = Keys("AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
MOMENT = "20150830T123600Z"
PLAIN = {"host": "example.amazonaws.com", "x-amz-date": MOMENT}
FORM = {"content-type": "application/x-www-form-urlencoded"}
TOKEN = (
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfK"
    "D8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8T"
    "x6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIl"
    "TJabIQwj2ICCR/oLxBA=="
)
REQUESTS = 10_000


@pytest.mark.parametrize(
    ("request_parts", "expected"),
    [
        (
            ("GET", "/", "", PLAIN, b""),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            ("POST", "/", "", PLAIN, b""),
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            ("GET", "/", "Param1=value1&Param2=value2", PLAIN, b""),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            ("POST", "/", "", PLAIN | FORM, b"Param1=value1"),
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
        (
            ("POST", "/", "", PLAIN | {"x-amz-security-token": TOKEN}, b""),
            "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
        ),
        (
            ("GET", "/example/..", "", PLAIN, b""),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
    ],
    ids=["get-vanilla", "post-vanilla", "get-query", "post-form", "post-sts-token", "get-relative"],
)
def test_signature_when_aws_publishes_an_example_then_is_the_same(
    request_parts: tuple[str, str, str, dict[str, str], bytes], expected: str
) -> None:
    """The test suite's signatures come out."""
    assert proof(Scope("us-east-1", "service"), *request_parts) == expected


def test_signature_when_iam_lists_users_then_each_step_is_as_documented() -> None:
    """The worked example of AWS's documentation: signing key, string to sign and signature."""
    scope = Scope("us-east-1", "iam")
    headers = {**FORM, "host": "iam.amazonaws.com", "x-amz-date": MOMENT}
    headers["content-type"] += "; charset=utf-8"
    request = signature.canonical("GET", "/", "Action=ListUsers&Version=2010-05-08", headers, b"")
    key = signature.signing_key(KEYS.secret, scope, "20150830")
    text = signature.to_sign(request, scope, MOMENT)
    assert key.hex() == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
    assert signature.sign(key, text) == "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 300])
def test_hmac_when_key_is_any_length_then_is_that_of_the_standard_library(size: int) -> None:
    """Keys longer than a block are hashed first."""
    import hmac

    key = bytes(range(256)) * 2
    expected = hmac.new(key[:size], b"text", "sha256").digest()
    assert signature.hmac(key[:size], b"text") == expected


def test_signature_when_requests_are_generated_then_equals_botocores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand requests: any text, token, region, endpoint with port and path, and moment."""
    dice = random.Random(20150830)
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_a, **_k: moment)
    for number in range(REQUESTS):
        moment = dt.datetime.fromtimestamp(dice.randrange(2**31), dt.UTC)
        place, region = endpoint(dice), text(dice, plain=True)
        secret, token = text(dice), dice.choice(["", text(dice, plain=True)])
        keys = Keys(text(dice, plain=True), Secret(secret), Secret(token))
        parameters = {text(dice): text(dice) for _ in range(dice.randrange(5))}
        body = form.encoded("AssumeRole", parameters)
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        ours = signature.signed(
            keys, Scope(region), url=url.parse(place), headers=headers, body=body, now=moment.timestamp()
        )
        theirs = botocores(place, keys, region, body, headers)
        assert ours["authorization"] == theirs["Authorization"], (number, place)
        assert ours["x-amz-date"] == theirs["X-Amz-Date"]
        assert ours.get("x-amz-security-token") == theirs.get("X-Amz-Security-Token")


def test_keys_when_shown_then_tell_nothing() -> None:
    """A key in a traceback's values is no key in a log."""
    assert repr(Keys("AKIDEXAMPLE", Secret("wJalr"))) == "Keys(secret=[secret], token=[no secret])"


def proof(scope: Scope, *parts: Any) -> str:
    request = signature.canonical(*parts)
    key = signature.signing_key(KEYS.secret, scope, MOMENT[:8])
    return signature.sign(key, signature.to_sign(request, scope, MOMENT))


def botocores(place: str, keys: Keys, region: str, body: bytes, headers: dict[str, str]) -> Any:
    request = AWSRequest("POST", place, headers=dict(headers), data=body)
    credentials = Credentials(keys.key_id, keys.secret.reveal(), keys.token.reveal() or None)
    botocore.auth.SigV4Auth(credentials, "sts", region).add_auth(request)
    return request.headers


def endpoint(dice: random.Random) -> str:
    host = dice.choice(
        ["sts.amazonaws.com", "STS.eu-west-1.amazonaws.com", "127.0.0.1", "[::1]", "localhost"]
    )
    port = dice.choice(["", ":80", ":443", ":5000"])
    path = dice.choice(["", "/", "/a", "/a/", "/a//b/../c/.", "/x/%41~+,;=:@$!'()*", "/../..", "/.."])
    return f"{dice.choice(['http', 'https'])}://{host}{port}{path}"


def text(dice: random.Random, *, plain: bool = False) -> str:
    letters = string.ascii_letters + string.digits + "-_/+=."
    if not plain:
        letters += " ~%&?#\"'\n\t\0äßé漢字🔑\x7f"
    return "".join(dice.choice(letters) for _ in range(dice.randrange(1, 60)))
