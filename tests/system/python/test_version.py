"""Which versions a project works with."""

import pytest

from rolecall.system.python import version


@pytest.mark.parametrize(
    ("wanted", "found", "is_met"),
    [
        (">=0.2", "0.2.0", True),
        (">=0.2", "0.10.1", True),
        (">=0.2", "0.1.9", False),
        (">=0.2,<1", "1.0.0", False),
        (">=0.2, <1", "0.9", True),
        ("==0.2", "0.2.0", True),
        (">0.2", "0.2.0", False),
        ("<=0.2.1", "0.2.1", True),
        (">=0.2", "0.2.0.dev1", True),
        ("==0.2", "0.2.0.9", True),
        ("==0.2.1", "0.2.0", False),
        ("==1", "1.x", True),
        ("==0", "0.0.0", True),
    ],
)
def test_meets_when_versions_are_compared_then_by_number(wanted: str, found: str, is_met: bool) -> None:  # noqa: FBT001 - a row of the table
    """0.10 is newer than 0.2, and 0.2 is 0.2.0."""
    assert version.meets(wanted, version=found) is is_met
