"""The cleaning of all text for a terminal or a log: no secret, no address's password, no control character.

The one place for these rules. Must not know what a text is about.
"""

from rolecall.system.text import secret
from rolecall.system.text.visible import visible

REMOVED = "[removed]"
KEY_ID = r"\b(?:AKIA|ASIA)[A-Z0-9]{8,124}([A-Z0-9]{4})\b"
USERINFO = r"://[^/\s\"'<>]*@"
LONG_SHAPE = r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+=]{40,}"
PART = 12  # so much of a secret's beginning or end is still a part of it
NAMES = "secret.?access.?key|session.?token|security.?token"


def redacted(text: str) -> str:
    """Return `text` without secrets this process knows or passwords of addresses; key ids cut to four."""
    secrets = secret.known()
    for known in secrets:
        text = text.replace(known, REMOVED)
    for known in secrets:
        if len(known) >= 2 * PART:
            text = _without_parts(text, known)
    if "AKIA" not in text and "ASIA" not in text and "@" not in text:
        return text
    import re

    return re.sub(KEY_ID, r"…\1", re.sub(USERINFO, "://", text))


def without_fields(text: str) -> str:
    """Return `text` redacted, and without the keys in an answer of AWS that nobody told us of yet."""
    import re

    text = re.sub(rf"(?i)(<(?:{NAMES})>)[^<]*", rf"\1{REMOVED}", text)
    quoted = rf"(?i)((?:{NAMES})[\"']?\s*[:=,]\s*b?)([\"'])(?:(?!\2).)*"
    text = re.sub(quoted, rf"\1\2{REMOVED}", text)
    return redacted(re.sub(rf"(?i)((?:{NAMES})\s*[:=]\s*)[^\s\"'\[]+", rf"\1{REMOVED}", text))


def without_shapes(text: str) -> str:
    """Return `text` redacted, and without anything long enough to be a secret that nobody told us of."""
    import re

    return re.sub(LONG_SHAPE, REMOVED, redacted(text))


def cleaned(text: str, *, kept: str = "") -> str:
    """Return `text` with control, C1, bidirectional and other invisible characters made visible.

    `kept` are those that may stay, such as line ends. A terminal takes the others for commands.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(one if one in kept else visible(one) for one in text)


def shown(text: str, *, kept: str = "") -> str:
    """Return `text` as a terminal may have it: redacted and cleaned."""
    return cleaned(redacted(text), kept=kept)


def _without_parts(text: str, known: str) -> str:
    """Return `text` without the beginnings and ends of `known` that a shortened text left over."""
    for is_begun, part in ((True, known[:PART]), (False, known[-PART:])):
        while (at := text.find(part)) >= 0:
            size = PART
            while size < len(known) and _is_same(text, known, at, size, is_begun=is_begun):
                size += 1
            start = at if is_begun else at + PART - size
            text = text[:start] + REMOVED + text[start + size :]
    return text


def _is_same(text: str, known: str, at: int, size: int, *, is_begun: bool) -> bool:
    """Whether the part of `known` that is found at `at` goes on by one more character."""
    place = at + size if is_begun else at + PART - size - 1
    own = known[size] if is_begun else known[-size - 1]
    return 0 <= place < len(text) and text[place] == own
