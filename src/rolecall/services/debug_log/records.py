"""A debug log taken apart while it is written: records and what follows them, each by what is allowed.

Lines are held until they are whole. One too long to hold is left out.
"""

import re
from collections.abc import Callable, Collection

from rolecall.services.debug_log.allowed import Allowed
from rolecall.system.text import redaction
from rolecall.system.text.redaction import REMOVED

LEFT_OUT = "[a line of more than 8 MiB was left out]\n"
LINE_MOST = 8 * 1024 * 1024
STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} "
LOGGER = r"[a-z][\w.]{0,80}"
# The AWS CLI names the thread, an SDK does not.
RECORD = re.compile(
    rf"({STAMP}- (?:[A-Za-z][\w-]{{0,40}} - )?{LOGGER} - [A-Z]{{4,8}} - )(.*)",
    re.DOTALL,
)
# What follows these to the next record is a body, or a text to be signed with the token in it.
SEALED = ("Response body", "CanonicalRequest", "StringToSign", "Signature")


class Records:
    """One stream: `feed` it bytes as they come, `close` it at the end."""

    def __init__(self, write: Callable[[str], None], *, values: Collection[str] = ()) -> None:
        self._write = write
        self._allowed = Allowed(values)
        self._held = bytearray()
        self._is_too_long = self._is_sealed = False
        self._left_out = 0
        self.last_words = ""

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes and write every line that is now whole."""
        self._held += chunk
        *lines, rest = bytes(self._held).split(b"\n") if b"\n" in chunk else [bytes(self._held)]
        for line in lines:
            self._line(line)
        self._held = bytearray(rest)
        if len(self._held) > LINE_MOST:
            self._held.clear()
            self._is_too_long = True

    def close(self) -> None:
        """Write what is left after the last newline."""
        if self._held or self._is_too_long:
            self._line(bytes(self._held))
        self._held.clear()
        self._count()

    def _line(self, line: bytes) -> None:
        if self._is_too_long or len(line) > LINE_MOST:
            self._is_too_long = False
            self._write(LEFT_OUT)
            return
        text = line.decode("utf-8", "replace").rstrip("\r")
        record = RECORD.fullmatch(text)
        if record:
            self._record(record[1], record[2])
        else:
            self._rest(text)

    def _record(self, head: str, message: str) -> None:
        self._count()
        self._is_sealed = message.startswith(SEALED)
        shown = self._allowed.message(message)
        inner = self._allowed.body(message) if message.startswith("Response body") else ""
        self._put(head + shown + (f" ({inner})" if inner else ""))

    def _rest(self, text: str) -> None:
        """Take a line that is no record: of a body, a traceback, or the end of the program."""
        shown = (
            (self._allowed.body(text) if self._is_sealed else self._allowed.line(text))
            if text.strip()
            else ""
        )
        if text.strip() and not self._is_sealed:
            self.last_words = redaction.without_fields(text.strip())
        if shown:
            self._count()
            self._put(shown)
        elif text.strip() and not text.startswith("    "):  # a line of source, in a traceback
            self._left_out += 1

    def _count(self) -> None:
        """Say how many lines were left out here."""
        if self._left_out:
            self._write(f"  [{self._left_out} lines left out]\n".replace("[1 lines", "[1 line"))
            self._left_out = 0

    def _put(self, text: str) -> None:
        self._write(redaction.shown(text) + "\n")


__all__ = ["REMOVED", "Records"]
