"""The client as a whole: against moto, against a scripted AWS, and what it costs to load."""

import subprocess
import sys
import time
from email.utils import formatdate
from typing import Any

import pytest

from rolecall.credentials.aws.query.client import Client
from rolecall.credentials.aws.query.errors import AwsRefusedError, AwsUnreachableError
from rolecall.credentials.aws.query.signature import Keys
from rolecall.errors import ConfigError
from rolecall.system.clock import Deadline
from rolecall.system.text.secret import Secret
from support import Sts, free_port
from support.fake_aws import FakeAws, Reply, page, refusal
from support.scripted_server import Authority, Serve

ROLE = {
    "RoleArn": "arn:aws:iam::111122223333:role/dev",
    "RoleSessionName": "ann@shop",
    "DurationSeconds": 900,
}
TOKEN = "tok" * 30
KEYS = Keys("AKIAFAKEFAKEFAKE1234", Secret("secret-of-ann"), Secret(TOKEN))
HEAVY = (
    *("re", "json", "typing", "dataclasses", "pathlib", "urllib", "email", "threading", "contextlib"),
    *("functools", "enum", "collections", "http", "socket", "ssl", "hmac", "logging", "random", "base64"),
    *("botocore", "boto3", "encodings.idna", "_ssl"),
)


def client(url: str, *, keys: Keys | None = KEYS, seconds: float = 20, **more: Any) -> Client:
    return Client(
        keys=keys,
        region="eu-west-1",
        deadline=Deadline.after(seconds),
        environ={"AWS_ENDPOINT_URL": url},
        **({"sleep": lambda _seconds: None} | more),
    )


def test_client_when_moto_answers_then_each_request_is_understood(sts: Sts) -> None:
    """Four requests against a server that is not ours; each set of keys makes the next."""
    own = client(sts.url, keys=Keys(sts.key_id, Secret(sts.secret)))
    assert own.get_caller_identity()["Arn"].endswith(":user/developer")
    taken = own.assume_role({**ROLE, "Tags": [{"Key": "team", "Value": "core & more"}]})["Credentials"]
    assert 0 < taken["Expiration"].timestamp() - time.time() <= 901
    theirs = client(sts.url, keys=Keys(taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"]))
    assert theirs.get_caller_identity()["Arn"].endswith(":assumed-role/dev/ann@shop")
    assert own.get_session_token({"DurationSeconds": 900})["Credentials"]["SessionToken"]
    by_token = client(sts.url, keys=None).assume_role_with_web_identity({**ROLE, "WebIdentityToken": "a.b.c"})
    assert by_token["AssumedRoleUser"]["Arn"].endswith(":assumed-role/dev/ann@shop")


def test_client_when_botocore_asks_the_same_then_requests_are_alike(aws: FakeAws) -> None:
    """Body, signature and headers that are signed are those of botocore, but for the moment."""
    import botocore.session

    client(aws.url).assume_role(ROLE)
    boto = botocore.session.Session().create_client(
        "sts",
        region_name="eu-west-1",
        endpoint_url=aws.url,
        aws_access_key_id=KEYS.key_id,
        aws_secret_access_key=KEYS.secret.reveal(),
        aws_session_token=KEYS.token.reveal(),
    )
    boto.assume_role(**ROLE)
    ours, theirs = aws.seen
    assert ours.asked == theirs.asked
    for name in ("content-type", "host", "content-length", "x-amz-security-token"):
        assert ours.headers[name] == theirs.headers[name]
    parts = [one.headers["authorization"].rpartition(",")[0] for one in (ours, theirs)]
    assert parts[0] == parts[1]


def test_client_when_a_web_identity_speaks_then_nothing_is_signed(aws: FakeAws) -> None:
    """Keys at hand stay out of it."""
    client(aws.url).assume_role_with_web_identity({**ROLE, "WebIdentityToken": "a.b.c"})
    assert "authorization" not in aws.seen[0].headers
    assert "x-amz-security-token" not in aws.seen[0].headers


@pytest.mark.parametrize(
    "reply",
    [
        refusal("Throttling"),
        refusal("InternalFailure", status=500),
        Reply(503, "busy"),
        Reply(200, "", is_cut=True),
    ],
    ids=["throttled", "down", "unavailable", "cut"],
)
def test_client_when_it_passes_then_tries_again_with_growing_pauses(aws: FakeAws, reply: Reply) -> None:
    """Four failures, and the fifth try has the answer."""
    aws.queue("AssumeRole", *[reply] * 4)
    pauses: list[float] = []
    answer = client(aws.url, sleep=pauses.append, jitter=lambda: 0.5).assume_role(ROLE)
    assert answer["Credentials"]["AccessKeyId"]
    assert pauses == [0.1, 0.2, 0.4, 0.8]


def test_client_when_it_does_not_pass_then_gives_up_after_five(aws: FakeAws) -> None:
    """The last failure is the one that is told."""
    aws.queue("AssumeRole", *[refusal("Throttling")] * 9)
    with pytest.raises(AwsRefusedError, match="Throttling"):
        client(aws.url).assume_role(ROLE)
    assert len(aws.seen) == 5


def test_client_when_time_is_short_then_keeps_the_reason_it_has(aws: FakeAws) -> None:
    """A pause that leaves no room for a try is not made."""
    aws.queue("AssumeRole", *[refusal("Throttling")] * 9)
    with pytest.raises(AwsRefusedError, match="Throttling"):
        client(aws.url, seconds=0.5).assume_role(ROLE)
    assert len(aws.seen) == 1


@pytest.mark.parametrize(
    "reply",
    [refusal("AccessDenied", status=403), page(), Reply(200, "{}"), refusal("ExpiredToken")],
    ids=["denied", "page", "odd", "expired"],
)
def test_client_when_answer_is_final_then_asks_once(aws: FakeAws, reply: Reply) -> None:
    """Asking again changes nothing."""
    aws.queue("AssumeRole", reply)
    with pytest.raises((AwsRefusedError, AwsUnreachableError)):
        client(aws.url).assume_role(ROLE)
    assert len(aws.seen) == 1


OLD = "Signature expired: 20260101T000000Z is now earlier than 20260101T010000Z"
EARLY = "Signature not yet current: 20260101T000000Z is still later than 20251231T230000Z"


@pytest.mark.parametrize(
    ("code", "message", "ahead"),
    [
        ("SignatureDoesNotMatch", OLD, 7200),
        ("SignatureDoesNotMatch", EARLY, -7200),
        ("RequestExpired", "Request has expired.", 3600),
    ],
)
def test_clock_when_off_then_is_corrected_once_by_the_answers_date(
    aws: FakeAws, code: str, message: str, ahead: int
) -> None:
    """The second request carries AWS's time, and the answer says how far ours is off."""
    real = time.time()
    aws.queue("AssumeRole", refusal(code, message, status=403, Date=formatdate(real, usegmt=True)))
    answer = client(aws.url, clock=lambda: real - ahead).assume_role(ROLE)
    assert abs(answer["ResponseMetadata"]["ClockSkewSeconds"] - ahead) <= 1
    first, second = (one.headers["x-amz-date"] for one in aws.seen)
    assert first == time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(real - ahead))
    assert abs(stamp(second) - real) <= 2


def stamp(text: str) -> float:
    import calendar

    return calendar.timegm(time.strptime(text, "%Y%m%dT%H%M%SZ"))


def test_clock_when_still_refused_then_is_not_corrected_twice(aws: FakeAws) -> None:
    """Once; then the refusal stands."""
    ahead = formatdate(time.time() + 7200, usegmt=True)
    aws.queue("AssumeRole", *[refusal("SignatureDoesNotMatch", OLD, status=403, Date=ahead)] * 5)
    with pytest.raises(AwsRefusedError):
        client(aws.url).assume_role(ROLE)
    assert len(aws.seen) == 2


@pytest.mark.parametrize(
    ("message", "date"), [("The request signature does not match", 7200), (OLD, 0), (OLD, None)]
)
def test_clock_when_it_is_not_the_reason_then_nothing_is_corrected(
    aws: FakeAws, message: str, date: int | None
) -> None:
    """A wrong secret, a clock that is right, or an answer without a date."""
    said = "yesterday" if date is None else formatdate(time.time() + date, usegmt=True)
    aws.queue("AssumeRole", refusal("SignatureDoesNotMatch", message, status=403, Date=said))
    with pytest.raises(AwsRefusedError):
        client(aws.url).assume_role(ROLE)
    assert len(aws.seen) == 1


def test_clock_when_right_then_answer_says_zero(aws: FakeAws) -> None:
    """Nothing to tell."""
    assert client(aws.url).assume_role(ROLE)["ResponseMetadata"]["ClockSkewSeconds"] == 0


def test_refusal_when_aws_quotes_the_request_then_our_secrets_are_taken_out(aws: FakeAws) -> None:
    """AWS's explanation of a wrong signature repeats the headers it was made of."""
    secret = KEYS.secret.reveal()
    quoted = f"The Canonical String should have been 'x-amz-security-token:{TOKEN}' {secret} 123456"
    aws.queue("AssumeRole", refusal("SignatureDoesNotMatch", quoted, status=403))
    with pytest.raises(AwsRefusedError) as caught:
        client(aws.url).assume_role(
            {**ROLE, "SerialNumber": "arn:aws:iam::111122223333:mfa/a", "TokenCode": "123456"}
        )
    shown = f"{caught.value!r} {caught.value} {caught.value.response}"
    assert not [part for part in (TOKEN, secret, "123456") if part in shown]
    assert "The Canonical String should have been" in shown


def test_client_when_shown_then_tells_no_secret() -> None:
    """Neither keys nor the environment."""
    made = Client(KEYS, "eu-west-1", Deadline.after(1), {"AWS_SECRET_ACCESS_KEY": "hunter2"})
    assert not [word for word in ("hunter2", "secret-of-ann", TOKEN) if word in repr(made)]


def test_client_when_nothing_listens_then_says_where(sts: Sts) -> None:
    """The endpoint is in the failure; a password in its address is not."""
    port = free_port()
    with pytest.raises(AwsUnreachableError) as caught:
        client(f"http://ann:hunter2@127.0.0.1:{port}").assume_role(ROLE)
    assert caught.value.code == "sandbox-down"
    assert caught.value.kwargs["endpoint_url"] == f"http://127.0.0.1:{port}"
    assert "hunter2" not in f"{caught.value!r} {caught.value.kwargs}"


def test_client_when_deadline_has_passed_then_is_a_timeout(aws: FakeAws) -> None:
    """Not a connection, not a try."""
    with pytest.raises(AwsUnreachableError) as caught:
        client(aws.url, seconds=0).assume_role(ROLE)
    assert (caught.value.code, aws.seen) == ("timeout", [])


def test_client_when_over_tls_then_assumes(serve: Serve, authority: Authority, aws: FakeAws) -> None:
    """All of it at once, with a certificate of our own authority."""
    expiration = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 900))
    body = (
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>B"
        f"</SecretAccessKey><SessionToken>C</SessionToken><Expiration>{expiration}</Expiration></Credentials>"
        "<AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/dev/a</Arn><AssumedRoleId>D"
        "</AssumedRoleId></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"
    )
    server = serve(
        f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode(),
        context=authority.server("here"),
    )
    environ = {"AWS_ENDPOINT_URL_STS": server.url, "AWS_CA_BUNDLE": str(authority.bundle)}
    made = Client(KEYS, "eu-west-1", Deadline.after(5), environ)
    assert made.endpoint_url == server.url
    assert made.assume_role(ROLE)["Credentials"]["SessionToken"].reveal() == "C"


PROGRAM = """
import sys
sys.path[:0] = [{source!r}]
from rolecall.credentials.aws.query.client import Client
from rolecall.credentials.aws.query.signature import Keys
from rolecall.errors import ConfigError
from rolecall.system.clock import Deadline
from rolecall.system.text.secret import Secret
keys, environ = Keys({key_id!r}, Secret({secret!r})), {{"AWS_ENDPOINT_URL": {url!r}}}
client = Client(keys, "eu-west-1", Deadline.after(10), environ)
answer = client.assume_role({role!r})
assert answer["Credentials"]["SessionToken"]
print("\\n".join(sys.modules))
"""


def test_client_when_it_assumes_a_role_then_loads_nothing_heavy(sts: Sts) -> None:
    """On `cd` every module is waited for: `re` alone costs as much as Python's own start."""
    from importlib.util import find_spec

    spec = find_spec("rolecall")
    assert spec
    assert spec.origin
    source = spec.origin.removesuffix("/rolecall/__init__.py")
    program = PROGRAM.format(source=source, key_id=sts.key_id, secret=sts.secret, url=sts.url, role=ROLE)
    words = [sys.executable, "-I", "-S", "-c", program]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "rolecall.credentials.aws.https.http_post" in loaded
    assert [name for name in loaded if name in HEAVY or name.split(".")[0] in HEAVY] == []


@pytest.mark.parametrize(("region", "url"), [("eu-west-1", ""), ("no region!", "https://x.example")])
def test_client_when_it_can_be_nowhere_then_says_so_and_shows_no_address(region: str, url: str) -> None:
    """A region that cannot be, or an endpoint that is no address."""
    made = Client(KEYS, region, Deadline.after(5), {"AWS_ENDPOINT_URL": url or "odd://"})
    assert made.endpoint_url == ""
    with pytest.raises((AwsUnreachableError, ConfigError)):
        made.get_caller_identity()
