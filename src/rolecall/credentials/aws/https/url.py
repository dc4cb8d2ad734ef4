"""The parts of an http or https address, without the cost of `urllib.parse` (10 ms).

Takes addresses of endpoints and proxies only: one with a query, a fragment or a blank is refused.
"""

from rolecall.system.python.frozen import dataclass, field

PORTS = {"http": 80, "https": 443}
PORT_MOST = 65535
NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-._")
ADDRESS = frozenset("0123456789abcdef:.")


@dataclass(frozen=True, slots=True)
class Url:
    """An address; `host` is lower case and without brackets, `path` is empty or starts with a slash."""

    scheme: str
    host: str
    port: int
    path: str = ""
    userinfo: str = field(default="", repr=False)

    @property
    def authority(self) -> str:
        """The host as a Host header names it, with the port unless it is the scheme's own."""
        return self._bracketed if self.port == PORTS[self.scheme] else self.host_and_port

    @property
    def host_and_port(self) -> str:
        """The host with its port, as CONNECT names it."""
        return f"{self._bracketed}:{self.port}"

    @property
    def text(self) -> str:
        """The address for people, without a password."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")

    @property
    def _bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def parse(text: str) -> Url:
    """Return the parts of `text`. Raises ValueError, whose words show no password."""
    scheme, mark, rest = text.partition("://")
    scheme = scheme.lower()
    if not mark or scheme not in PORTS:
        raise ValueError("it does not start with http:// or https://")
    if not rest.isprintable() or any(letter in rest for letter in " ?#\\"):
        raise ValueError("it may not have a blank, a query, a fragment or a backslash")
    place, slash, path = rest.partition("/")
    userinfo, _, place = place.rpartition("@")
    host, port = _host_and_port(place)
    if not (slash + path).isascii():
        raise ValueError("its path is not plain ASCII")
    return Url(scheme, host, port or PORTS[scheme], slash + path, userinfo)


def _host_and_port(place: str) -> tuple[str, int | None]:
    if place.startswith("["):
        host, bracket, port = place[1:].partition("]")
        allowed = ADDRESS if bracket else frozenset()
    else:
        host, colon, port = place.partition(":")
        port, allowed = colon + port, NAME
    host = (host if host.isascii() else host.encode("idna").decode()).lower()
    if not host or not allowed.issuperset(host):
        raise ValueError("it names no host")
    if not port or port == ":":
        return host, None
    digits = port[1:]
    if port[0] != ":" or not (digits.isascii() and digits.isdigit()) or not 0 < int(digits[:6]) <= PORT_MOST:
        raise ValueError("its port is not a number from 1 to 65535")
    return host, int(digits)
