"""The answer of STS: XML into the shapes of botocore, or the failure that an answer is.

Believes nothing: what stands in front of STS (a portal, a proxy, another service) may answer "200 OK" too.
No part of an answer is ever shown: it may hold keys.
"""

from datetime import datetime

from rolecall.credentials.aws.query import xml
from rolecall.credentials.aws.query.errors import AwsRefusedError, AwsUnreachableError
from rolecall.system.text import secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from rolecall.credentials.aws.https.http_answer import HttpAnswer

SECRETS = ("SecretAccessKey", "SessionToken")
KEYS = ("Credentials.AccessKeyId", "Credentials.SecretAccessKey", "Credentials.SessionToken")
ROLE = ("AssumedRoleUser.Arn", "AssumedRoleUser.AssumedRoleId")
NEEDED = {
    "AssumeRole": (*KEYS, *ROLE),
    "AssumeRoleWithWebIdentity": (*KEYS, *ROLE),
    "GetSessionToken": KEYS,
    "GetCallerIdentity": ("Account", "Arn", "UserId"),
}
FIELD_MOST = 32768  # what an environment can hold
ARN_PARTS = 6
PAST_MOST_SECONDS = 86400  # a clock may be off, but not by more than that
NETWORK_SIGN_IN = 511
OK, REDIRECTS, ERRORS, SERVER_ERRORS, TOO_MANY = 200, 300, 400, 500, 429


def read(operation: str, answer: "HttpAnswer", now: float) -> dict[str, "Any"]:
    """Return the result as botocore does: nested dicts, `Expiration` an aware datetime.

    Raises AwsRefusedError for an error of AWS's, AwsUnreachableError for what is no answer of STS.
    """
    document = _document(answer)
    if answer.status != OK:
        raise _refusal(operation, answer, document)
    try:
        result = document[f"{operation}Response"][f"{operation}Result"]
        return _checked(operation, result, now) | {"ResponseMetadata": metadata(answer)}
    except (KeyError, TypeError, ValueError):
        raise wrong("a field is missing or is not what it should be") from None


def wrong(words: str) -> AwsUnreachableError:
    """Return the failure of an answer that is none of STS's."""
    return AwsUnreachableError("answer-wrong", words)


def metadata(answer: "HttpAnswer") -> dict[str, "Any"]:
    """Return the part of a botocore answer that tells of HTTP."""
    return {"HTTPStatusCode": answer.status, "HTTPHeaders": dict(answer.headers)}


def _document(answer: "HttpAnswer") -> dict[str, "Any"]:
    """Return the XML as nested dicts: empty for a page or a text with which a server says that it failed."""
    is_error_of_server = answer.status >= SERVER_ERRORS and answer.status != NETWORK_SIGN_IN
    if _is_page(answer) and not is_error_of_server:
        raise AwsUnreachableError("captive-portal", f"a web page (HTTP {answer.status})")
    try:
        return xml.parse(answer.body, secrets=SECRETS)
    except ValueError as problem:
        if is_error_of_server or answer.status == TOO_MANY:
            return {}
        raise wrong(f"{problem} (HTTP {answer.status})") from None


def _is_page(answer: "HttpAnswer") -> bool:
    start = answer.body[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    is_html = start.startswith((b"<!doctype html", b"<html")) or "html" in answer.headers.get(
        "content-type", ""
    )
    return is_html or REDIRECTS <= answer.status < ERRORS or answer.status == NETWORK_SIGN_IN


def _refusal(operation: str, answer: "HttpAnswer", document: "Mapping[str, Any]") -> Exception:
    found = document.get("ErrorResponse")
    error = found.get("Error") if isinstance(found, dict) else None
    error_facts = error if isinstance(error, dict) else {}
    code, message = error_facts.get("Code"), error_facts.get("Message") or ""
    if not isinstance(code, str) or not code or not isinstance(message, str):
        if answer.status < SERVER_ERRORS and answer.status != TOO_MANY:
            return wrong(f"an error that STS does not have (HTTP {answer.status})")
        code, message = str(answer.status), "no reason was given"
    fault = {"Code": code, "Message": message, "Type": str(error_facts.get("Type", ""))}
    return AwsRefusedError(operation, {"Error": fault, "ResponseMetadata": metadata(answer)})


def _checked(operation: str, result: "dict[str, Any]", now: float) -> dict[str, "Any"]:
    """Return `result` with its time read. Raises KeyError, TypeError or ValueError where it is unfit."""
    for path in NEEDED[operation]:
        value = secret.text(_at(result, path))
        if not all("!" <= letter <= "~" for letter in value) or not 0 < len(value) <= FIELD_MOST:
            raise ValueError(path)
        if path.endswith("Arn") and (not value.startswith("arn:") or value.count(":") < ARN_PARTS - 1):
            raise ValueError(path)
    if "Credentials" not in result:
        return result
    expiration = datetime.fromisoformat(secret.text(_at(result, "Credentials.Expiration")))
    if expiration.tzinfo is None or expiration.timestamp() < now - PAST_MOST_SECONDS:
        raise ValueError(expiration)
    return result | {"Credentials": result["Credentials"] | {"Expiration": expiration}}


def _at(result: "Any", path: str) -> str | secret.Secret:
    for name in path.split("."):
        result = result[name]
    if not isinstance(result, str | secret.Secret):
        raise TypeError(path)
    return result
