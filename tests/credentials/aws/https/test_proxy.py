"""NO_PROXY, compared with Python's own reading of it."""

import itertools
import urllib.request
from collections.abc import Callable

import pytest

from rolecall.credentials.aws.https import proxy, url

HOSTS = ["sts.amazonaws.com", "sts.amazonaws.com:8443", "amazonaws.com", "notamazonaws.com", "127.0.0.1:5000"]
NAMES = [
    *("", "*", "amazonaws.com", ".amazonaws.com", "sts.amazonaws.com:8443", "STS.Amazonaws.Com", "aws.com"),
    *("other.example, .amazonaws.com", "127.0.0.1", "127.0.0.1:5000", "127.0.0.1:80", "com,", " , "),
]


@pytest.mark.parametrize(("host", "names"), list(itertools.product(HOSTS, NAMES)))
def test_no_proxy_when_read_then_means_what_urllib_means(host: str, names: str) -> None:
    """Names, their ends, ports, capitals and blanks."""
    bypass: Callable[..., bool] = vars(urllib.request)["proxy_bypass_environment"]
    assert proxy.is_direct(url.parse(f"http://{host}"), names) == bool(bypass(host, {"no": names}))


@pytest.mark.parametrize(
    ("place", "names", "expected"),
    [
        ("http://10.1.2.3", "10.0.0.0/8", True),
        ("http://11.1.2.3", "10.0.0.0/8", False),
        ("http://sts.amazonaws.com", "10.0.0.0/8", False),
        ("http://10.1.2.3", "nonsense/8", False),
        ("http://[::1]:5000", "::1", True),
        ("http://[::1]:5000", "[::1]", True),
        ("http://[fd00::5]", "fd00::/8", True),
        ("http://a.example", "b.example,*", True),
    ],
)
def test_no_proxy_when_it_names_networks_then_they_are_known(
    place: str, names: str, expected: object
) -> None:
    """Beyond urllib, as curl and Go read it: networks, addresses of version 6, a star among others."""
    assert proxy.is_direct(url.parse(place), names) is expected


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://p:3128"}, "http://p:3128"),
        ({"HTTPS_PROXY": "http://a", "https_proxy": "http://b:1"}, "http://b:1"),
        ({"HTTPS_PROXY": "p:3128"}, "http://p:3128"),
        ({"HTTPS_PROXY": "//p:3128"}, "http://p:3128"),
        ({"HTTP_PROXY": "http://p:3128"}, None),
        ({"HTTPS_PROXY": "http://p:3128", "no_proxy": "*"}, None),
    ],
)
def test_proxy_when_named_then_is_that_of_the_scheme(environ: dict[str, str], expected: str | None) -> None:
    """Lower case goes first, as in urllib; an address without a scheme is http."""
    found = proxy.of(url.parse("https://sts.amazonaws.com"), environ)
    assert (found.text if found else None) == expected
