"""A key that is older than ninety days is said, and nothing where IAM does not tell."""

import time
from pathlib import Path

import pytest

from rolecall.project import config
from rolecall.workstation.keys import age
from support import Sts

DAY = 86_400


@pytest.mark.parametrize(("later", "expected"), [(0, 0), (91 * DAY, 91)])
def test_age_when_the_key_is_the_identitys_then_is_its_days(
    project: Path, sts: Sts, later: int, expected: int
) -> None:
    """By IAM's own date, with the last four characters of the key."""
    found = age.days(config.load(project), clock=lambda: time.time() + later)
    assert found == (f"…{sts.key_id[-4:]}", expected)


def test_age_when_nobody_answers_then_is_nothing(project: Path, sts: Sts) -> None:
    """Doctor goes on without it."""
    path = project / ".env"
    path.write_text(path.read_text().replace(sts.url, "http://127.0.0.1:9"))
    assert age.days(config.load(project)) is None
