"""Requests to Identity Center: tried again while there is time, and never on what is a refusal."""

import pytest
from botocore.exceptions import ClientError

from rolecall.credentials.aws import sdk
from rolecall.credentials.identity_center import sdk_client
from rolecall.system.clock import Deadline

THROTTLED = ClientError({"Error": {"Code": "TooManyRequestsException"}}, "x")
REFUSED = ClientError({"Error": {"Code": "ForbiddenException"}}, "x")


def tried(*problems: Exception, seconds: float = 100) -> tuple[str, list[float]]:
    """Return what came of a call that fails so before it succeeds, and the pauses."""
    left, pauses = list(problems), list[float]()

    def call() -> str:
        if left:
            raise left.pop(0)
        return "done"

    until = Deadline(seconds, lambda: sum(pauses))
    try:
        return sdk_client.retried(call, until, sleep=pauses.append), pauses
    except ClientError as problem:
        return str(problem.response["Error"]["Code"]), pauses


@pytest.mark.parametrize("times", range(6))
def test_retried_when_throttled_then_after_longer_and_longer_pauses(times: int) -> None:
    """Each twice the one before."""
    assert tried(*[THROTTLED] * times) == ("done", [0.2, 0.4, 0.8, 1.6, 3.2][:times])


def test_retried_when_it_does_not_end_then_the_reason() -> None:
    """After the last try, or where no time is left for one."""
    assert tried(*[THROTTLED] * 6)[0] == "TooManyRequestsException"
    assert tried(*[THROTTLED] * 6, seconds=1.4) == ("TooManyRequestsException", [0.2, 0.4])
    assert tried(THROTTLED, seconds=0.7) == ("TooManyRequestsException", [])
    assert tried(THROTTLED, seconds=0.71) == ("done", [0.2])


def test_retried_when_refused_then_at_once() -> None:
    """Nothing changes in a moment."""
    assert tried(REFUSED) == ("ForbiddenException", [])


@pytest.mark.parametrize(("asked", "seconds"), [(3.5, 3.5), (60.0, 10.0), (0.0, 0.1)])
def test_client_when_made_then_tries_once_unsigned_and_no_longer_than_there_is_time(
    asked: float, seconds: float
) -> None:
    """`retried` tries again; botocore does not."""
    from botocore import UNSIGNED

    client = sdk_client.create(sdk.bare({}), "sso", region="eu-west-3", timeout_seconds=asked)
    config = client.meta.config
    assert (config.connect_timeout, config.read_timeout) == (seconds, seconds)
    assert config.retries["total_max_attempts"] == 1
    assert (config.signature_version, client.meta.region_name) == (UNSIGNED, "eu-west-3")
