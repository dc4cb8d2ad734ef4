"""The body of a request in AWS's query protocol, from parameters in botocore's shapes."""

from rolecall.system.text import secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

VERSION = "2011-06-15"  # STS's only one
UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
QUOTED = [chr(byte) if byte in UNRESERVED else f"%{byte:02X}" for byte in range(256)]


def encoded(operation: str, parameters: "Mapping[str, Any]") -> bytes:
    """Return the form that asks for `operation`; lists become `.member.N`, structures dotted names."""
    pairs = [("Action", operation), ("Version", VERSION)]
    for name, value in parameters.items():
        pairs += _flat(name, value)
    return "&".join(f"{_plus(name)}={_plus(value)}" for name, value in pairs).encode()


def quoted(text: str, safe: str = "") -> str:
    """Return `text` percent-encoded as RFC 3986 asks, but for what is `safe`."""
    return "".join(chr(byte) if chr(byte) in safe else QUOTED[byte] for byte in text.encode())


def _flat(name: str, value: "Any") -> "Iterator[tuple[str, str]]":
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}", inner)
    elif isinstance(value, list | tuple):
        if not value:
            yield name, ""
        for number, inner in enumerate(value, 1):
            yield from _flat(f"{name}.member.{number}", inner)
    else:
        yield name, secret.text(value)


def _plus(text: str) -> str:
    return quoted(text, " ").replace(" ", "+")
