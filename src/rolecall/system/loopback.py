"""This machine's own address, and whether a URL names it."""

import ipaddress
from urllib.parse import urlsplit

HOST = "127.0.0.1"


def is_loopback(url: str) -> bool:
    """Whether `url` names this machine: localhost, 127.0.0.0/8 or ::1 (RFC 6761, RFC 1122, RFC 4291)."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
