"""Refuse in the sandbox what AWS would refuse: wrong keys, expired sessions, unknown roles.

moto, which stands behind this WSGI application, accepts any key and any role. Credentials are read from
moto and never kept here.
"""

import hmac
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from rolecall.services.sandbox import session_token

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

INVALID = "The security token included in the request is invalid."
WRONG_KEY = {"ec2": "AuthFailure", "s3": "InvalidAccessKeyId"}
ERROR = "<Error><Code>{code}</Code><Message>{text}</Message></Error>"
BODIES = {"ec2": f"<Response><Errors>{ERROR}</Errors></Response>", "s3": ERROR}
QUERY_BODY = f"<ErrorResponse>{ERROR}</ErrorResponse>"
JSON_KIND = "application/x-amz-json-1.1"


class Refused(Exception):  # noqa: N818 - an answer to the client, not a failure of ours
    """AWS's answer to a request it does not accept."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Caller:
    """The owner of a key that moto issued."""

    arn: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    expiration: datetime | None = None
    user: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Gate:
    """The WSGI application: refuse, answer for moto, or pass the request on to `application`."""

    application: Application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        body = _body(environ)
        try:
            _check(environ, body)
            if b"Action=GetSessionToken" in body:
                return _sent("200 OK", "text/xml", _session_token(environ, body), start_response)
        except Refused as refused:
            return _answer(refused, environ, start_response)
        return self.application(environ, start_response)


def _check(environ: Environ, body: bytes) -> None:
    scope = _scope(environ)
    if scope:
        caller = _caller(scope)
        _check_session(caller, environ)
        _check_signature(caller, scope, environ, body)
    asked = parse_qs(body.decode("latin-1")) if b"AssumeRole" in body else {}
    arn = asked.get("RoleArn", [""])[0]
    if asked.get("Action", [""])[0].startswith("AssumeRole") and not _is_role(arn):
        subject = f"User: {caller.arn} is not" if scope else "Not"
        action = asked["Action"][0]
        raise Refused("AccessDenied", f"{subject} authorized to perform: sts:{action} on resource: {arn}")


def _session_token(environ: Environ, body: bytes) -> str:
    scope = _scope(environ)
    caller = _caller(scope) if scope else None
    if caller is None or caller.token or not caller.user:
        raise Refused("AccessDenied", "Cannot call GetSessionToken with session credentials")
    return session_token.answer(caller.user, parse_qs(body.decode("latin-1")).get("DurationSeconds", [""])[0])


def _scope(environ: Environ) -> list[str]:
    """Return the Authorization header's credential: key id, date, region, service, "aws4_request"."""
    header = environ.get("HTTP_AUTHORIZATION", "")
    scope = header.partition("Credential=")[2].partition(",")[0].split("/")
    return scope if header.startswith("AWS4-HMAC-SHA256") and len(scope) == 5 else []  # noqa: PLR2004 - SigV4


def _caller(scope: list[str]) -> Caller:
    from moto.iam.models import get_account_id_from, iam_backends
    from moto.sts.models import sts_backends
    from moto.utilities.utils import get_partition

    account, partition = get_account_id_from(scope[0]), get_partition(scope[2])
    user = iam_backends[account][partition].get_user_from_access_key_id(scope[0])
    if user:
        key = user.get_access_key_by_id(scope[0])
        token, expires = getattr(key, "session_token", None), getattr(key, "expiration", None)
        return Caller(user.arn, key.secret_access_key, token, expires, user)
    session = sts_backends[account][partition].get_assumed_role_from_access_key(scope[0])
    if not session:
        code = WRONG_KEY.get(scope[3], "InvalidClientTokenId")
        raise Refused(code, INVALID)
    expires = session.expiration.replace(tzinfo=UTC)
    return Caller(session.arn, session.secret_access_key, session.session_token, expires)


def _check_session(caller: Caller, environ: Environ) -> None:
    if caller.token != environ.get("HTTP_X_AMZ_SECURITY_TOKEN"):
        raise Refused("InvalidClientTokenId", INVALID)
    if caller.expiration and caller.expiration <= datetime.now(UTC):
        raise Refused("ExpiredToken", "The security token included in the request is expired")


def _check_signature(caller: Caller, scope: list[str], environ: Environ, body: bytes) -> None:
    from botocore.auth import S3SigV4Auth, SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    signed = environ["HTTP_AUTHORIZATION"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers = {name: _header(environ, name) for name in signed}
    url = f"http://{environ['HTTP_HOST']}{environ.get('RAW_URI') or environ['REQUEST_URI']}"
    request = AWSRequest(environ["REQUEST_METHOD"], url, headers, body)
    request.context["timestamp"] = environ.get("HTTP_X_AMZ_DATE", "")
    kind = S3SigV4Auth if scope[3] == "s3" else SigV4Auth
    auth = kind(Credentials(scope[0], caller.secret), scope[3], scope[2])
    ours = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    if not hmac.compare_digest(ours, environ["HTTP_AUTHORIZATION"].partition("Signature=")[2].strip()):
        raise Refused(
            "AuthFailure" if scope[3] == "ec2" else "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method.",
        )


def _is_role(arn: str) -> bool:
    from moto.iam.exceptions import NotFoundException
    from moto.iam.models import iam_backends

    parts = arn.split(":")
    if len(parts) < 6 or not parts[4].isdigit():  # noqa: PLR2004 - an ARN's six parts
        return False
    try:
        return bool(iam_backends[parts[4]][parts[1]].get_role_by_arn(arn))
    except (NotFoundException, KeyError):
        return False


def _header(environ: Environ, name: str) -> str:
    """Return a header's value; WSGI (PEP 3333) keeps two of them without the HTTP_ prefix."""
    key = name.upper().replace("-", "_")
    return str(environ.get(key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}", ""))


def _body(environ: Environ) -> bytes:
    """Read the body and leave it for moto to read again; a chunked one stays unread (its hash is signed)."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdigit():
        return b""
    body = bytes(environ["wsgi.input"].read(int(length)))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _answer(refused: Refused, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ.get("HTTP_X_AMZ_TARGET"):
        kind, body = JSON_KIND, json.dumps({"__type": refused.code, "message": refused.text})
    else:
        form = BODIES.get((_scope(environ) or [""] * 4)[3], QUERY_BODY)
        kind, body = "text/xml", form.format(code=refused.code, text=escape(refused.text))
    return _sent("403 Forbidden", kind, body, start_response)


def _sent(status: str, kind: str, body: str, start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body.encode())))])
    return [body.encode()]
