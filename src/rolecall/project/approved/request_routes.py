"""Where a signed request goes: the endpoints, proxies, certificates and AWS files that the project names.

Each value is known by a digest alone: a proxy's address may hold a password. Must not read `.env`.
"""

import os

from rolecall.system.disk import files
from rolecall.system.python.frozen import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rolecall.project.declared import Project

ENDPOINT = "AWS_ENDPOINT_URL"
ADDRESSES = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
)
FILES = (
    *("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "AWS_CONFIG_FILE"),
    *("AWS_SHARED_CREDENTIALS_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE"),
)
LOCAL = ("localhost", "127.0.0.1", "[::1]")
DIGITS = 16


@dataclass(frozen=True, slots=True)
class Route:
    """One name that decides where requests go: a digest of what it says, and that in words."""

    digest: str
    says: str


def of(project: "Project") -> dict[str, Route]:
    """Return the routes that `.env` names, and each file of the project that `.env` or the shell names.

    An address of this very machine is none: a request to it does not leave.
    """
    found: dict[str, Route] = {}
    for name, value in project.env.items():
        if value and _is_address(name) and not _is_local(value):
            found[name] = Route(_digest(value.encode()), f".env sets {name} to {_host(value)}")
    for name in FILES:
        value = project.env.get(name, "")
        if value:
            found[name] = Route(_digest(value.encode()), f".env sets {name} to {_shown(value)}")
        if path := _inside(project, value or project.place.environ.get(name, "")):
            says = f"{_shown(path)}, which {name} names, is not as you approved it"
            key = f"{name} {_digest(os.fsencode(path))}"
            found[key] = Route(_digest(_content(f"{project.root}/{path}")), says)
    return found


def _is_address(name: str) -> bool:
    return name.upper() in ADDRESSES or name == ENDPOINT or name.startswith(f"{ENDPOINT}_")


def _is_local(value: str) -> bool:
    """Whether an address is plainly this machine's: an odd way to write it is not plain enough."""
    authority = value.partition("://")[2].partition("/")[0]
    host, _, port = authority.rpartition(":")
    return (host if port.isdigit() else authority) in LOCAL


def _host(value: str) -> str:
    """Return the host of an address, without a name and a password before it."""
    from urllib.parse import urlsplit

    try:
        return urlsplit(value if "://" in value else f"http://{value}").hostname or "(no host)"
    except ValueError:
        return "(no host)"


def _shown(value: str) -> str:
    return value if value.isprintable() else ascii(value)


def _inside(project: "Project", value: str) -> str:
    """Return the path within the project that `value` names; nothing where it lies elsewhere."""
    if not value or value.startswith("~"):
        return ""
    path = os.path.relpath(os.path.join(project.root, value), project.root)
    return "" if path.startswith("..") else path


def _content(path: str) -> bytes:
    """Return the content of a file; for a folder, or what is too large, the time of its last change.

    A pull writes a file anew, and so changes its folder. What is not there has no time.
    """
    try:
        return files.read_regular(path)
    except OSError:
        return str(files.mtime_ns(path)).encode()


def _digest(content: bytes) -> str:
    from hashlib import sha256

    return sha256(content).hexdigest()[:DIGITS]
