"""What STS answers, and everything that is none of its answers."""

import time
from typing import Any

import botocore.session
import pytest
from botocore.parsers import create_parser

from rolecall.credentials.aws.https.http_answer import HttpAnswer
from rolecall.credentials.aws.query import answer
from rolecall.credentials.aws.query.errors import AwsRefusedError, AwsUnreachableError
from rolecall.credentials.failures import recognise
from rolecall.system.text import secret

NOW = 1_785_000_000.0
MODEL = botocore.session.Session().get_service_model("sts")
XMLNS = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"'


def when(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW + seconds))


def keys(expiration: str = when(3600), key_id: str = "ASIAFAKE", **more: str) -> str:
    return (
        f"<Credentials><AccessKeyId>{key_id}</AccessKeyId>"
        f"<SecretAccessKey>{more.get('secret', 's/e+c=')}</SecretAccessKey>"
        f"<SessionToken>{more.get('token', 't/o+k==')}</SessionToken>"
        f"<Expiration>{expiration}</Expiration></Credentials>"
    )


USER = (
    "<AssumedRoleUser><AssumedRoleId>AROAFAKE:ann</AssumedRoleId>"
    "<Arn>arn:aws:sts::111122223333:assumed-role/dev/ann</Arn></AssumedRoleUser>"
)
CALLER = (
    "<Arn>arn:aws:iam::111122223333:user/ann</Arn><UserId>AIDAFAKE</UserId><Account>111122223333</Account>"
)
GOOD = {
    "AssumeRole": keys()
    + USER
    + "<PackedPolicySize>6</PackedPolicySize><SourceIdentity>a &amp; é</SourceIdentity>",
    "AssumeRoleWithWebIdentity": f"{keys()}{USER}<Provider>arn:aws:iam::1:x</Provider>",
    "GetSessionToken": keys("2026-07-26T00:00:00.123456+02:00"),
    "GetCallerIdentity": CALLER,
}


def document(operation: str, inner: str) -> bytes:
    result = f"<{operation}Result>\n  {inner}\n</{operation}Result>"
    more = "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>"
    return f"<{operation}Response {XMLNS}>\n {result}\n {more}</{operation}Response>\n".encode()


def read(body: bytes, *, operation: str = "AssumeRole", status: int = 200, **headers: str) -> dict[str, Any]:
    return answer.read(operation, HttpAnswer(status, {"content-type": "text/xml", **headers}, body), NOW)


def failure(body: bytes, *, operation: str = "AssumeRole", status: int = 200, kind: str = "text/xml") -> str:
    with pytest.raises(AwsUnreachableError) as caught:
        answer.read(operation, HttpAnswer(status, {"content-type": kind}, body), NOW)
    assert "s/e+c=" not in f"{caught.value!r} {caught.value.__cause__!r}"
    return caught.value.code


@pytest.mark.parametrize("operation", GOOD)
def test_answer_when_good_then_holds_what_botocore_reads_of_it(operation: str) -> None:
    """The same names, texts and time; botocore makes numbers and names RequestId besides."""
    body = document(operation, GOOD[operation])
    parser = create_parser("query")
    shape = MODEL.operation_model(operation).output_shape
    theirs = parser.parse({"body": body, "headers": {}, "status_code": 200}, shape)
    ours = read(body, operation=operation)
    del theirs["ResponseMetadata"], ours["ResponseMetadata"]
    assert same(ours, theirs), (ours, theirs)


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(ours[name], theirs[name]) for name in ours)
    return bool(ours == theirs or secret.text(ours) == str(theirs))


def test_answer_when_it_starts_with_a_byte_order_mark_then_is_read() -> None:
    """A mark of UTF-8 changes nothing."""
    assert read(b"\xef\xbb\xbf" + document("AssumeRole", GOOD["AssumeRole"]))["SourceIdentity"] == "a & é"


GIGANTIC = "x" * 100_000
ODD = {
    "empty": b"",
    "blank": b" \n ",
    "json": b"{}",
    "text": b"OK",
    "truncated": document("AssumeRole", GOOD["AssumeRole"])[:-20],
    "another service": b"<ListBucketResult><Name>x</Name></ListBucketResult>",
    "another operation": document("GetSessionToken", keys()),
    "no result": b"<AssumeRoleResponse/>",
    "text for a result": b"<AssumeRoleResponse><AssumeRoleResult>x</AssumeRoleResult></AssumeRoleResponse>",
    "text for a response": b"<AssumeRoleResponse>AssumeRoleResult</AssumeRoleResponse>",
    "no credentials": document("AssumeRole", USER),
    "text for credentials": document("AssumeRole", f"<Credentials>x</Credentials>{USER}"),
    "two credentials": document("AssumeRole", keys() + keys(secret="other") + USER),
    "no user": document("AssumeRole", keys()),
    "empty key": document("AssumeRole", keys(key_id="") + USER),
    "element for a key": document("AssumeRole", keys(key_id="<a>b</a>") + USER),
    "text beside elements": document("AssumeRole", f"{keys()}{USER}x"),
    "line break in a token": document("AssumeRole", keys(token="a&#10;export PATH=") + USER),
    "blank in a secret": document("AssumeRole", keys(secret="a b") + USER),
    "accent in a secret": document("AssumeRole", keys(secret="é") + USER),
    "gigantic token": document("AssumeRole", keys(token=GIGANTIC) + USER),
    "no time": document("AssumeRole", keys("soon") + USER),
    "empty time": document("AssumeRole", keys("") + USER),
    "a day alone": document("AssumeRole", keys("2099-01-01") + USER),
    "time without zone": document("AssumeRole", keys("2099-01-01T00:00:00") + USER),
    "long past": document("AssumeRole", keys(when(-86_401)) + USER),
    "month thirteen": document("AssumeRole", keys("2099-13-01T00:00:00Z") + USER),
    "no arn": document("AssumeRole", keys() + USER.replace("arn:aws:", "urn:")),
    "short arn": document("AssumeRole", keys() + USER.replace("::111122223333:assumed-role/dev/ann", "")),
    "document type": b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + document("AssumeRole", GOOD["AssumeRole"]),
    "unknown entity": document("AssumeRole", keys(secret="&b;") + USER),
    "deep": document("AssumeRole", f"{keys()}{USER}{'<a>' * 20}{'</a>' * 20}"),
    "utf-16": document("AssumeRole", GOOD["AssumeRole"]).decode().encode("utf-16"),
    "latin-1": document("AssumeRole", GOOD["AssumeRole"]).decode().encode("latin-1"),
    "two roots": document("AssumeRole", GOOD["AssumeRole"]) * 2,
    "zero bytes": b"\0" * 100,
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD.keys())
def test_answer_when_status_is_200_but_it_is_no_answer_then_is_wrong(body: bytes) -> None:
    """Whatever says "OK" without credentials that can be used is not believed."""
    assert failure(body) == "answer-wrong"


def test_answer_when_it_expired_an_hour_ago_then_is_read() -> None:
    """Our clock may be off; whether a session is too old is for others to say."""
    assert read(document("AssumeRole", keys(when(-3600)) + USER))["Credentials"]["AccessKeyId"] == "ASIAFAKE"


def test_caller_when_a_field_is_missing_then_answer_is_wrong() -> None:
    """Account, ARN and user id, all three."""
    inner = CALLER.replace("<UserId>AIDAFAKE</UserId>", "")
    assert failure(document("GetCallerIdentity", inner), operation="GetCallerIdentity") == "answer-wrong"


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (200, "text/html; charset=utf-8", b"Welcome"),
        (200, "", b"\xef\xbb\xbf\n <!DOCTYPE html><html>"),
        (403, "", b"<HTML>"),
        (302, "", b""),
        (307, "text/xml", document("AssumeRole", GOOD["AssumeRole"])),
        (511, "text/plain", b"sign in"),
    ],
)
def test_answer_when_a_page_or_a_redirect_then_is_a_captive_portal(
    status: int, kind: str, body: bytes
) -> None:
    """AWS answers neither."""
    assert failure(body, status=status, kind=kind) == "captive-portal"


def error(code: str, message: str = "no") -> bytes:
    fault = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    return f"<ErrorResponse {XMLNS}>{fault}<RequestId>r-1</RequestId></ErrorResponse>".encode()


@pytest.mark.parametrize(
    ("status", "body", "code", "ours"),
    [
        (
            403,
            error("AccessDenied", "User: x is not authorized to perform: y"),
            "AccessDenied",
            "trust-denied",
        ),
        (400, error("Throttling"), "Throttling", "throttled"),
        (400, error("ExpiredToken", ""), "ExpiredToken", "token-expired"),
        (500, error("InternalFailure"), "InternalFailure", "aws-down"),
        (503, b"<html><b>Http/1.1 Service Unavailable</b></html>", "503", "aws-down"),
        (502, b"", "502", "aws-down"),
        (500, b"<odd/>", "500", "aws-down"),
        (429, b"slow down", "429", "throttled"),
    ],
)
def test_refusal_when_answered_then_has_botocores_shape(
    status: int, body: bytes, code: str, ours: str
) -> None:
    """One recogniser serves both: code, message, status and headers stand where botocore puts them."""
    with pytest.raises(AwsRefusedError) as caught:
        read(body, status=status, date="today")
    response = caught.value.response
    assert response["Error"]["Code"] == code
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert response["ResponseMetadata"]["HTTPHeaders"]["date"] == "today"
    assert recognise.code_of(caught.value) == ours


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"no",
        b"<Error><Code>NoSuchBucket</Code></Error>",
        b"<ErrorResponse>no</ErrorResponse>",
        b"<ErrorResponse><Error><Code/></Error></ErrorResponse>",
        error("<a>b</a>"),
        document("AssumeRole", GOOD["AssumeRole"]),
    ],
)
def test_refusal_when_it_is_no_error_of_sts_then_answer_is_wrong(body: bytes) -> None:
    """A 403 of anyone else's says nothing about a role."""
    assert failure(body, status=403) == "answer-wrong"


@pytest.mark.parametrize(
    ("status", "body", "kind", "ours"),
    [
        (201, document("AssumeRole", GOOD["AssumeRole"]), "", "answer-wrong"),
        (299, b"no", "", "answer-wrong"),
        (300, error("Throttling"), "", "captive-portal"),
        (399, error("Throttling"), "", "captive-portal"),
        (499, b"no", "", "answer-wrong"),
        (499, b"Welcome", "text/html", "captive-portal"),
        (428, b"no", "", "answer-wrong"),
        (430, b"no", "", "answer-wrong"),
        (510, b"Welcome", "text/html", "aws-down"),
        (512, b"Welcome", "text/html", "aws-down"),
    ],
)
def test_answer_when_its_status_is_at_an_edge_then_on_its_side(
    status: int, body: bytes, kind: str, ours: str
) -> None:
    """RFC 9110, 15: the classes of a status; 429 and 511 are RFC 6585."""
    with pytest.raises((AwsRefusedError, AwsUnreachableError)) as caught:
        read(body, status=status, **{"content-type": kind})
    assert recognise.code_of(caught.value) == ours
