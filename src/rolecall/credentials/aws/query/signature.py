"""AWS Signature Version 4 of one request whose body is at hand.

The rules: "Create a signed AWS API request" in AWS's IAM User Guide. Nothing here reads a clock, the
environment or the network.
"""

import time
from hashlib import sha256

from rolecall.credentials.aws.query import form
from rolecall.system.python.frozen import dataclass, field
from rolecall.system.text.secret import NONE, Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.credentials.aws.https.url import Url

ALGORITHM = "AWS4-HMAC-SHA256"
BLOCK_BYTES = 64  # of SHA-256, for the HMAC


@dataclass(frozen=True, slots=True)
class Keys:
    """What signs: a key id, its secret, and the token of temporary credentials."""

    key_id: str = field(repr=False)
    secret: Secret
    token: Secret = NONE


@dataclass(frozen=True, slots=True)
class Scope:
    """Where and for what a signature is valid."""

    region: str
    service: str = "sts"

    def text(self, day: str) -> str:
        """Return the credential scope of `day` ("20150830")."""
        return f"{day}/{self.region}/{self.service}/aws4_request"


def signed(
    keys: Keys, scope: Scope, *, url: "Url", headers: "Mapping[str, str]", body: bytes, now: float
) -> dict[str, str]:
    """Return `headers` with host, date, token and Authorization, for a POST of `body` at epoch `now`."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    token = {"x-amz-security-token": keys.token.reveal()} if keys.token else {}
    own = {**headers, "host": url.authority, "x-amz-date": moment, **token}
    names = ";".join(sorted(name.lower() for name in own))
    request = canonical("POST", url.path, "", own, body)
    proof = sign(signing_key(keys.secret, scope, moment[:8]), to_sign(request, scope, moment))
    credential = f"{keys.key_id}/{scope.text(moment[:8])}"
    own["authorization"] = f"{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={proof}"
    return own


def canonical(method: str, path: str, query: str, headers: "Mapping[str, str]", body: bytes) -> str:
    """Return the canonical request; `query` is canonical already."""
    plain = sorted((name.lower(), " ".join(value.split())) for name, value in headers.items())
    lines = [f"{name}:{value}" for name, value in plain]
    names = ";".join(name for name, _ in plain)
    place = form.quoted(_without_dots(path), "/")
    return "\n".join([method, place, query, *lines, "", names, sha256(body).hexdigest()])


def to_sign(request: str, scope: Scope, moment: str) -> str:
    """Return the string to sign for a canonical request at `moment` ("20150830T123600Z")."""
    digest = sha256(request.encode()).hexdigest()
    return "\n".join([ALGORITHM, moment, scope.text(moment[:8]), digest])


def signing_key(secret: Secret, scope: Scope, day: str) -> bytes:
    """Return the key derived from `secret` for one day, region and service."""
    key = b"AWS4" + secret.reveal().encode()
    for part in (day, scope.region, scope.service, "aws4_request"):
        key = hmac(key, part.encode())
    return key


def sign(key: bytes, text: str) -> str:
    """Return the signature of `text`, in hexadecimal."""
    return hmac(key, text.encode()).hex()


def hmac(key: bytes, text: bytes) -> bytes:
    """Return the HMAC-SHA256 of RFC 2104: the module `hmac` costs a millisecond for these three lines."""
    block = (key if len(key) <= BLOCK_BYTES else sha256(key).digest()).ljust(BLOCK_BYTES, b"\0")
    inner = sha256(bytes(byte ^ 0x36 for byte in block) + text).digest()
    return sha256(bytes(byte ^ 0x5C for byte in block) + inner).digest()


def _without_dots(path: str) -> str:
    """Return `path` without `.`, `..` and empty segments (RFC 3986, section 5.2.4)."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            kept[-1:] = []
        elif segment not in ("", "."):
            kept.append(segment)
    last = "/" if kept and path.endswith("/") else ""
    return f"/{'/'.join(kept)}{last}"
