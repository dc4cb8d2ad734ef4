"""What an SDK or our own client raised, and the failure that it means: by its name, its words, its status."""

import botocore.exceptions
import pytest

from rolecall.credentials.failures import recognise
from rolecall.credentials.failures.about import About
from rolecall.errors import RolecallError
from rolecall.project.roles import Role


def test_diagnosis_when_error_is_no_sdks_then_left_alone() -> None:
    """A bug stays a bug: it is not dressed up as a failure."""
    assert recognise.explain(ZeroDivisionError("x")) is None
    assert not recognise.is_transient(ZeroDivisionError("x"))


@pytest.mark.parametrize(
    ("url", "error", "code"),
    [
        ("https://h.example/", "[Errno -2] Name or service not known", "dns-failed"),
        ("https://h.example/", "name or service not known", "dns-failed"),
        ("https://h.example/", "NameResolutionError: Failed to resolve", "dns-failed"),
        ("https://h.example/", "[Errno 8] nodename nor servname provided", "dns-failed"),
        ("https://h.example/", "getaddrinfo failed", "dns-failed"),
        ("https://h.example/", "Temporary failure in name resolution", "dns-failed"),
        ("http://127.0.0.1:5000/", "refused", "sandbox-down"),
        ("https://h.example/", "refused", "connection-refused"),
    ],
)
def test_sdk_when_it_cannot_connect_then_why(url: str, error: str, code: str) -> None:
    """Each system has its own words for a name that does not resolve; the host is named without its port."""
    problem = botocore.exceptions.EndpointConnectionError(endpoint_url=url, error=error)
    found = recognise.explain(problem)
    assert found
    assert (found.code, url.split("/")[2].partition(":")[0] in found.message) == (code, True)


def test_sdk_when_the_cause_alone_tells_then_it_is_read() -> None:
    """urllib3's error is the cause of botocore's."""
    problem = botocore.exceptions.EndpointConnectionError(endpoint_url="https://h.example/")
    problem.__cause__ = OSError("getaddrinfo failed")
    assert recognise.code_of(problem) == "dns-failed"


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("ResponseParserError", "<!DOCTYPE html>", "captive-portal"),
        ("ResponseParserError", "<html>", "captive-portal"),
        ("ResponseParserError", "odd", "answer-wrong"),
        ("HTTPClientError", "<html>", "connection-lost"),
        ("SSLError", "EOF occurred in violation of protocol", "connection-lost"),
        ("SSLError", "self-signed certificate", "tls-failed"),
        ("ReadTimeoutError", "EOF occurred", "timeout"),
        ("CredentialRetrievalError", "profile x gets them from rolecall, which needs them", "identity-loop"),
        ("SomethingNew", "x", "refused"),
    ],
)
def test_sdk_when_its_words_matter_then_read(name: str, text: str, code: str) -> None:
    """One exception may mean two things."""
    problem = type(name, (Exception,), {"__module__": "botocore.exceptions"})(text)
    assert recognise.code_of(problem) == code


def answered(status: int, code: str = "", message: str = "", **headers: str) -> BaseException:
    """Return an answer of AWS that is a refusal."""
    meta = {"HTTPStatusCode": status, "HTTPHeaders": headers}
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": meta}
    problem: BaseException = botocore.exceptions.ClientError(response, "x")
    return problem


@pytest.mark.parametrize(
    ("status", "known", "code", "is_refusal"),
    [
        (429, "AccessDenied", "throttled", False),
        (407, "", "proxy-failed", True),
        (407, "AccessDenied", "trust-denied", True),
        (499, "Odd", "refused", True),
        (500, "Odd", "aws-down", False),
        (501, "", "aws-down", False),
    ],
)
def test_refusal_when_only_its_status_tells_then_by_that(
    status: int, known: str, code: str, *, is_refusal: bool
) -> None:
    """AWS's code goes first, but for 429; only a refusal is one."""
    problem = answered(status, known)
    assert (recognise.code_of(problem), recognise.is_refusal(problem)) == (code, is_refusal)
    assert not recognise.is_refusal(OSError("x"))


@pytest.mark.parametrize(
    ("off", "says"),
    [(0, "is off"), (59, "is off"), (60, "1m fast"), (-60, "1m slow"), (-59, "is off"), (3600, "1h00m fast")],
)
def test_clock_when_a_refusal_has_a_date_then_how_far_off(off: int, says: str) -> None:
    """A minute is what AWS's own answer may take."""
    problem = answered(403, "RequestExpired", date="Wed, 18 May 2033 03:33:20 GMT")
    found = recognise.explain(problem, clock=lambda: 2_000_000_000 + off)
    assert found
    assert says in found.message
    for headers in ({}, {"date": "soon"}):
        found = recognise.explain(answered(403, "RequestExpired", **headers), clock=lambda: 9e9)
        assert found
        assert "clock is off;" in found.message


def test_refusal_when_it_names_who_and_what_then_they_are_said() -> None:
    """A profile may take roles of its own: the resource is the one of the refusal, not the project's."""
    where = "arn:aws:iam::444455556666:role/hub"
    message = "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: sts:AssumeRole{}"
    about = About(Role("dev", "arn:aws:iam::111122223333:role/dev"), "keys", region="eu-west-1", you="x")
    for more, arn in ((f" on resource: {where}", where), ("", "arn:aws:iam::111122223333:role/dev")):
        found = recognise.explain(answered(403, "AccessDenied", message.format(more)), about)
        assert found
        assert f"arn:aws:iam::111122223333:user/ann may not take {arn}:" in found.message
        assert f"the owner of account {arn.split(':')[4]}" in found.message


@pytest.mark.parametrize(("name", "quoted"), [("corp", "corp"), ("my corp", "'my corp'")])
def test_explanation_when_a_login_ended_then_the_command_names_its_session(name: str, quoted: str) -> None:
    """Of several, the right one; as a command that runs as it stands."""
    found = recognise.explain(answered(401, "UnauthorizedException"), About(sso_session=name))
    assert found
    assert (found.hint, f"login {name}" in found.message) == (f"invoke login --session {quoted}", True)


def test_explanation_when_it_is_explained_already_then_left_as_it_is() -> None:
    """An error of ours says itself what it is."""
    own = RolecallError("code", "says")
    assert recognise.explain(own) is own


@pytest.mark.parametrize(
    ("key_id", "has_token", "code"),
    [
        ("AKIAABCDEFGHIJKLMNOP", True, "token-invalid"),
        ("ASIAABCDEFGHIJKLMNOP", True, "key-unknown"),
        ("AKIAABCDEFGHIJKLMNOP", False, "key-unknown"),
    ],
)
def test_key_when_unknown_then_a_token_is_blamed_only_beside_a_long_lived_one(
    key_id: str, code: str, *, has_token: bool
) -> None:
    """Temporary keys always have one."""
    found = recognise.explain(
        answered(403, "InvalidClientTokenId"), About(key_id=key_id, has_token=has_token)
    )
    assert found
    assert (found.code, "…MNOP" in found.message) == (code, code == "key-unknown")


def test_trusted_when_a_permission_set_or_another_role_asks_then_what_is_known() -> None:
    """Nobody can guess an Identity Center role's path; `known` counts only where it is that very role."""
    desk = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123/ann"
    assert recognise.trusted(desk) == desk
    hub = "arn:aws:sts::111122223333:assumed-role/hub/x"
    for known in ("arn:aws:iam::444455556666:role/team/hub", "arn:aws:iam::111122223333:role/team/other"):
        assert recognise.trusted(hub, known) == "arn:aws:iam::111122223333:role/hub"


def test_message_when_it_holds_keys_or_tokens_then_taken_out() -> None:
    """What AWS repeats of a request is not repeated by us."""
    token = "F" * 200
    response = {"Error": {"Code": "Odd", "Message": f"key AKIAABCDEFGHIJKLMNOP and {token}"}}
    problem = type("ClientError", (Exception,), {"response": response})("x")
    explained = recognise.explain(problem, About())
    assert explained is not None
    assert "AKIAABCDEFGHIJKL" not in explained.message
    assert token not in explained.message


@pytest.mark.parametrize(
    ("arn", "known", "role"),
    [
        (
            "arn:aws:sts::111122223333:assumed-role/hub/ann@shop",
            "arn:aws:iam::111122223333:role/team/hub",
            "arn:aws:iam::111122223333:role/team/hub",
        ),
        ("arn:aws-cn:sts::111122223333:assumed-role/hub/x", "", "arn:aws-cn:iam::111122223333:role/hub"),
        ("arn:aws:iam::111122223333:user/ann", "", "arn:aws:iam::111122223333:user/ann"),
    ],
)
def test_trusted_when_a_session_asks_then_its_role(arn: str, known: str, role: str) -> None:
    """The path of a role is in its own ARN alone."""
    assert recognise.trusted(arn, known) == role
