"""Take secrets out of an AWS CLI or SDK debug log while it is written, in every spelling met there.

Lines are held until they are whole, so a secret split over two reads is seen whole. A line too long to hold
is left out rather than written unseen.
"""

import re
from collections.abc import Callable, Iterable
from urllib.parse import quote, quote_plus

REMOVED = "[removed]"
LEFT_OUT = "[a line of more than 8 MiB was left out]\n"
LINE_MOST = 8 * 1024 * 1024
SHORTEST = 8  # a literal shorter than this would blank half the log

NAMES = (
    "secret.?access.?key|aws.?secret.?key|secret.?key|session.?token|security.?token|access.?token|refresh.?token"
    "|id.?token|bearer.?token|authorization.?token|auth.?token|web.?identity.?token|saml.?assertion|client.?secret"
    "|secret.?string|secret.?binary|password|passphrase|plaintext|private.?key|customer.?key|token.?code"
    "|device.?code|user.?code|code.?verifier|api.?key|authorization|x-amz-(?:signature|credential)"
)
# Every name above holds one of these: a plain search for them spares most lines the patterns (1 s for a MiB).
HINTS = (
    *("secret", "token", "password", "passphrase", "plaintext", "assertion", "private", "customer", "device"),
    *("user", "verifier", "api", "authorization", "signature", "credential"),
)
# name, its closing quote, the separator, an opening quote: JSON, Python's repr, argv, JSON inside a string.
BEFORE = rf"((?:{NAMES})(?:\\*[\"'])?\s*[:=,]\s*b?)"
KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{8,124}([A-Z0-9]{4})\b")
PATTERNS = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (rf"{BEFORE}\"(?:\\.|[^\"\\])*(?:\"|$)", rf'\1"{REMOVED}"'),
        (rf"{BEFORE}'(?:\\.|[^'\\])*(?:'|$)", rf"\1'{REMOVED}'"),
        (rf"{BEFORE}(\\+[\"'])(?:(?!\2).)*", rf"\1\2{REMOVED}"),
        (rf"(<(?:{NAMES})>)[^<]*", rf"\1{REMOVED}"),
        (r"(authorization\s*:\s*)[^\r\n\"'\\]+", rf"\1{REMOVED}"),
        (rf"((?:{NAMES})\s*(?:[:=]|%3[ad])\s*)(?!\[removed)[^\s\"'\\<>&,;)}}\]]+", rf"\1{REMOVED}"),
        (r"(signature=)[0-9a-z%+/=]{16,}", rf"\1{REMOVED}"),
        (r"(credential=)[^\s,&'\"]+", rf"\1{REMOVED}"),
    )
)
# botocore.auth writes these over several lines; the next record starts with its date.
BLOCK = re.compile(
    r"(?:CanonicalRequest|StringToSign|Signature|Canonical request|String to sign):\s*$", re.IGNORECASE
)
RECORD = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d")


class Redactor:
    """Redact one stream: `feed` it bytes as they come, `close` it at the end."""

    def __init__(self, write: Callable[[str], None], *, literals: Iterable[str] = ()) -> None:
        self._write = write
        self._literals = _spellings(literals)
        self._held = bytearray()
        self._is_too_long = False
        self._in_block = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes and write every line that is now whole."""
        self._held += chunk
        *lines, rest = bytes(self._held).split(b"\n") if b"\n" in chunk else [bytes(self._held)]
        for line in lines:
            self._line(line + b"\n")
        self._held = bytearray(rest)
        if len(self._held) > LINE_MOST:
            self._held.clear()
            self._is_too_long = True

    def close(self) -> None:
        """Write what is left after the last newline."""
        if self._held or self._is_too_long:
            self._line(bytes(self._held))
        self._held.clear()

    def _line(self, line: bytes) -> None:
        if self._is_too_long or len(line) > LINE_MOST:
            self._is_too_long = False
            self._write(LEFT_OUT)
            return
        text = line.decode("utf-8", "surrogateescape")
        if self._in_block and not RECORD.match(text):
            return
        self._in_block = bool(RECORD.match(text) and BLOCK.search(text))
        self._write(redacted(text, literals=self._literals))
        if self._in_block:
            self._write(f"{REMOVED}\n")


def redacted(text: str, *, literals: Iterable[str] = ()) -> str:
    """Return `text` without its secrets; key ids cut to four characters."""
    for literal in literals:
        text = text.replace(literal, REMOVED)
    lower = text.lower()
    if any(hint in lower for hint in HINTS):
        for pattern, replacement in PATTERNS:
            text = pattern.sub(replacement, text)
    return KEY_ID.sub(r"…\1", text)


def _spellings(literals: Iterable[str]) -> tuple[str, ...]:
    """Return each literal as it may stand in URLs, JSON and XML, the longest first."""
    found: set[str] = set()
    for literal in literals:
        if len(literal) < SHORTEST:
            continue
        once = {literal, quote(literal), quote(literal, safe=""), quote_plus(literal)}
        found |= once | {quote(word, safe="") for word in once}
        found |= {word.replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d") for word in once}
        found |= {literal.replace("/", "\\/"), literal.replace("&", "&amp;")}
    return tuple(sorted(found, key=len, reverse=True))
