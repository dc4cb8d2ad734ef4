"""Which URLs name this machine."""

import pytest

from rolecall.system import loopback


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:4566", True),
        ("http://127.9.9.9", True),
        ("http://localhost:4566/", True),
        ("http://[::1]:4566", True),
        ("https://sts.eu-west-1.amazonaws.com", False),
        ("https://127.example.com", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_is_loopback_when_url_is_read_then_only_this_machine_counts(url: str, *, expected: bool) -> None:
    """A name that only begins like a loopback address is another machine."""
    assert loopback.is_loopback(url) is expected
