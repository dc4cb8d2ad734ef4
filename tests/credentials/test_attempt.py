"""One attempt at a session: what is remembered of a failure, and by whom it is met again."""

from pathlib import Path

import pytest

from rolecall.credentials.store import recent_failure
from rolecall.errors import CredentialError
from support.credentials import obtain, place_of
from support.fake_aws import FakeAws, granted, refusal


def test_attempt_when_refused_then_whoever_waited_reads_why_and_does_not_ask(
    shop: Path, aws: FakeAws
) -> None:
    """A program hears it for three seconds more: hundreds of them do not begin at the same time."""
    aws.queue("AssumeRole", refusal("AccessDenied", "no"))
    with pytest.raises(CredentialError) as first:
        obtain(shop, "dev")
    kept = recent_failure.read(place_of(shop), "dev")
    assert kept
    assert kept.code == first.value.code
    with pytest.raises(CredentialError) as second:
        obtain(shop, "dev", by_program=True)
    assert second.value.code == first.value.code
    assert first.value.message in second.value.message
    assert len(aws.asked("AssumeRole")) == 1
    assert obtain(shop, "dev").role == "dev"
    assert recent_failure.read(place_of(shop), "dev") is None


def test_attempt_when_a_person_is_refused_then_nobody_else_is_told(shop: Path, aws: FakeAws) -> None:
    """Who typed the role's name reads it at once; a `cd` beside it tries for itself."""
    aws.queue("AssumeRole", refusal("AccessDenied", "no"))
    with pytest.raises(CredentialError):
        obtain(shop, "dev", is_confirmed=True)
    assert recent_failure.read(place_of(shop), "dev") is None


def test_attempt_when_the_failure_cannot_be_remembered_then_it_is_said_all_the_same(
    shop: Path, aws: FakeAws
) -> None:
    """What STS said matters more than the file that would hold it."""
    aws.queue("AssumeRole", refusal("AccessDenied", "no"))
    Path(recent_failure.path_of(place_of(shop), "dev")).mkdir(parents=True)
    with pytest.raises(CredentialError, match="may not take"):
        obtain(shop, "dev")


def test_attempt_when_the_account_is_another_than_the_arns_then_refused(shop: Path, aws: FakeAws) -> None:
    """The account is pinned by the ARN, and both are named."""
    aws.queue("AssumeRole", granted("arn:aws:iam::444455556666:role/dev"))
    with pytest.raises(CredentialError) as caught:
        obtain(shop, "dev")
    assert caught.value.code == "account-mismatch"
    assert "444455556666" in caught.value.message
    assert "111122223333" in caught.value.message
