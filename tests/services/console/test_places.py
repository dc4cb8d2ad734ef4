"""Which page of which console a service's name means."""

import pytest

from rolecall.errors import UsageError
from rolecall.services.console import places


@pytest.mark.parametrize(
    ("arn", "service", "expected"),
    [
        (
            "arn:aws:iam::111122223333:role/dev",
            "s3",
            "https://console.aws.amazon.com/s3/home?region=eu-west-1",
        ),
        ("arn:aws:iam::111122223333:role/dev", "iam", "https://console.aws.amazon.com/iam/home"),
        (
            "arn:aws-cn:iam::111122223333:role/dev",
            "",
            "https://console.amazonaws.cn/console/home?region=eu-west-1",
        ),
        (
            "arn:aws-us-gov:iam::111122223333:role/dev",
            "logs",
            "https://console.amazonaws-us-gov.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups",
        ),
    ],
)
def test_page_when_asked_for_a_service_then_is_on_its_partitions_console(
    arn: str, service: str, expected: str
) -> None:
    """Each partition has hosts of its own, and some services a path of their own."""
    assert places.page(places.console_of(arn), service, "eu-west-1") == expected


@pytest.mark.parametrize("service", ["S3", "../x", "s3?a=b", "https://evil.example"])
def test_page_when_the_service_is_no_name_then_refused(service: str) -> None:
    """A word from a script cannot lead the browser elsewhere."""
    with pytest.raises(UsageError, match="not the name of an AWS service"):
        places.page(places.CONSOLES["aws"], service, "eu-west-1")


def test_console_when_the_partition_is_unknown_then_says_which_are_known() -> None:
    """Some partitions have no public console."""
    with pytest.raises(UsageError, match="aws-iso"):
        places.console_of("arn:aws-iso:iam::111122223333:role/dev")
