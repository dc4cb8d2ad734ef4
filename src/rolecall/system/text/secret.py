"""A secret as a value that shows itself nowhere: in no message, no log, and no traceback with locals.

Whoever needs the text calls `reveal` in the very expression that uses it: a name for that text would show in
a traceback. What is a secret is also remembered here, so that `system.redaction` takes it out of whatever a
library says. A `cd` loads this module: it imports nothing.
"""

HIDDEN = "[secret]"
SHORTEST = 8  # a shorter one would blank half of a text, and protects nothing

_known: set[str] = set()


class Secret:
    """A text that `repr`, `str`, an f-string, `logging` and a debugger do not show.

    A whole file that holds one is no secret to look for in other texts: it is not `remembered`.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str = "", *, remembered: bool = True) -> None:
        self._text = text
        if remembered and len(text) >= SHORTEST:
            _known.add(text)

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __repr__(self) -> str:
        return HIDDEN if self._text else "[no secret]"

    def __str__(self) -> str:
        return repr(self)

    def __format__(self, _form: str) -> str:
        return repr(self)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> "tuple[type[Secret], tuple[str]]":
        """Keep a session's copies whole; a pickle holds the text, as the session file does."""
        return (Secret, (self._text,))


NONE = Secret()


def text(value: object) -> str:
    """Return `value` as the text to send, a secret's own one included."""
    return value.reveal() if isinstance(value, Secret) else str(value)


class Hidden(dict[str, str]):
    """An environment that shows none of its values: what a person exports may be a key or a password."""

    def __repr__(self) -> str:
        return f"[{len(self)} variables]"

    def __rich_repr__(self) -> "list[str]":
        """Show rich, which looks into a dict itself, as little."""
        return [repr(self)]


def known() -> list[str]:
    """Return every secret that this process has met, the longest first: one may be a part of another."""
    return sorted(_known, key=len, reverse=True)
