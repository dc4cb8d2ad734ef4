"""Which requests are served: those of a program on this machine that was given the token.

A page in a browser reaches loopback too: it names a foreign host (DNS rebinding), or says where it comes
from. No header here ever allows another origin.
"""

import hmac
from collections.abc import Mapping
from email.message import Message

from rolecall.services.endpoint.reply import Reply, refused

PATH = "/"
BROWSERS = ("Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Access-Control-Request-Method")
FORBIDDEN, MISSING, METHOD, UNAUTHORIZED = 403, 404, 405, 401


def refusal(
    method: str, path: str, headers: Message | Mapping[str, str], *, hosts: tuple[str, ...], token: str
) -> Reply | None:
    """Return why a request is not served; None where it is.

    `headers` takes names in any case; `hosts` is what the Host header may say.
    """
    if headers.get("Host") not in hosts:
        return refused(FORBIDDEN, "host-refused", "the Host header does not name this endpoint")
    if any(headers.get(name) is not None for name in BROWSERS):
        return refused(FORBIDDEN, "browser-refused", "this endpoint does not serve browsers")
    if method != "GET":
        return refused(METHOD, "method-refused", f"{method} is not served; use GET", Allow="GET")
    given = headers.get("Authorization") or ""
    if not hmac.compare_digest(given.encode("utf-8", "replace"), token.encode()):
        return refused(UNAUTHORIZED, "token-refused", "the Authorization header does not hold the token")
    if path != PATH:
        return refused(MISSING, "path-unknown", f"only {PATH} is served")
    return None
