"""The address that signs a browser in to the AWS console as a role.

Whoever has that address is signed in: it goes to the browser or to stdout, and into no message or log.
(IAM User Guide, "Enable custom identity broker access to the AWS console".)
"""

import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping

from rolecall.credentials.model import Session
from rolecall.errors import CredentialError

SECONDS = 15
MOST_BYTES = 65536
ISSUER = "rolecall"


def address(
    session: Session, sign_in: str, destination: str, *, seconds: int | None, environ: Mapping[str, str]
) -> str:
    """Return the address that opens `destination` as the role of `session`.

    `sign_in` is the partition's federation address; `seconds`, how long the console lasts (None: as long as
    the session). Raises CredentialError where AWS gives no sign-in token.
    """
    keys = {"sessionId": session.key_id, "sessionKey": session.secret.reveal()}
    keys["sessionToken"] = session.token.reveal()
    wanted = {"Action": "getSigninToken", "Session": json.dumps(keys)}
    if seconds is not None:
        wanted["SessionDuration"] = str(seconds)
    token = _token(_answer(_query(sign_in, wanted), sign_in, session.role, environ), session.role)
    login = {"Action": "login", "Issuer": ISSUER, "Destination": destination, "SigninToken": token}
    return _query(sign_in, login)


def _query(base: str, words: Mapping[str, str]) -> str:
    return f"{base}?{urllib.parse.urlencode(words)}"


def _answer(url: str, sign_in: str, role: str, environ: Mapping[str, str]) -> bytes:
    trusted = ssl.create_default_context(cafile=environ.get("AWS_CA_BUNDLE") or None)
    secure = urllib.request.HTTPSHandler(context=trusted)
    opener = urllib.request.build_opener(secure, _NoRedirect())
    try:
        with opener.open(url, timeout=SECONDS) as answer:
            return bytes(answer.read(MOST_BYTES))
    except urllib.error.HTTPError as problem:
        problem.close()
        raise CredentialError(
            "console-refused",
            f"role {role}: the AWS sign-in service refused these credentials (HTTP {problem.code})",
            hint=f"invoke assume --role {role} --refresh",
        ) from None
    except (OSError, ssl.SSLError) as problem:
        host = urllib.parse.urlsplit(sign_in).hostname
        reason = getattr(problem, "reason", problem)
        raise CredentialError(
            "console-unreachable",
            f"role {role}: cannot reach the AWS sign-in service at {host}: {reason}",
            hint="invoke doctor",
        ) from None


def _token(body: bytes, role: str) -> str:
    try:
        found = json.loads(body)["SigninToken"]
    except (ValueError, KeyError, TypeError):
        found = None
    if not isinstance(found, str) or not found:
        raise CredentialError(
            "console-odd-answer",
            f"role {role}: the AWS sign-in service answered without a sign-in token; is a proxy between?",
            hint="invoke doctor",
        )
    return found


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the credentials elsewhere."""

    def redirect_request(self, *_words: object) -> None:
        return None
