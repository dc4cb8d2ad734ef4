"""A failure that is remembered: for how long, for whom, and since when."""

from pathlib import Path

import pytest

from rolecall.credentials.store import recent_failure
from rolecall.credentials.store.recent_failure import Failure
from rolecall.errors import CredentialError
from rolecall.system.disk.place import Place
from support.credentials import place_of

PROBLEM = CredentialError("sts-away", "no\nanswer\x07\x7f", hint="invoke doctor")


def at(root: Path, seconds: float) -> Place:
    return place_of(root, clock=lambda: 1_000_000 + seconds)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Remember a failure that began a second before it ended."""
    recent_failure.record(at(tmp_path, 0), "dev", PROBLEM, since=999_999.0)
    return tmp_path


@pytest.mark.parametrize(
    ("seconds", "is_known"), [(0, True), (29.9, True), (30, False), (0.5, True), (-1, False)]
)
def test_failure_when_half_a_minute_has_gone_then_is_forgotten(
    root: Path, seconds: float, *, is_known: bool
) -> None:
    """Nor does one count that is of the future: the clock was set back."""
    assert (recent_failure.read(at(root, seconds), "dev") is not None) is is_known


def test_failure_when_read_then_says_what_and_when_in_one_line(root: Path) -> None:
    """Bash prints it as it is: no control character is in it."""
    found = recent_failure.read(at(root, 1), "dev")
    assert found
    assert found == Failure(1_000_030, "sts-away", found.says, 1_000_000.0)
    assert found.says.startswith("no answer")
    assert found.says.endswith("(invoke doctor)")
    assert found.says.isprintable()


def test_failure_when_kept_then_its_file_is_a_tick_older_than_the_attempt(root: Path) -> None:
    """Who edits `.env` while STS is asked has edited it after what failed."""
    moment = Path(recent_failure.path_of(at(root, 0), "dev")).stat().st_mtime
    assert 999_998.9 < moment < 999_999.0


def test_failure_when_of_another_role_or_identity_then_is_not_this_ones(root: Path) -> None:
    """Each has a file of its own; clearing one leaves the other."""
    for role, mark in (("prod", ""), ("dev", "ann")):
        assert recent_failure.read(at(root, 1), role, mark) is None
        recent_failure.clear(at(root, 1), role, mark)
    assert recent_failure.read(at(root, 1), "dev")
    recent_failure.clear(at(root, 1), "dev")
    assert recent_failure.read(at(root, 1), "dev") is None


@pytest.mark.parametrize("text", ["", "until=\n", "until=x\nat=1\n", "until=1000030\nat=x\n", "at=1\n"])
def test_failure_when_the_file_makes_no_sense_then_there_is_none(root: Path, text: str) -> None:
    """Half a file holds nobody up."""
    Path(recent_failure.path_of(at(root, 0), "dev")).write_text(text)
    assert recent_failure.read(at(root, 0), "dev") is None
