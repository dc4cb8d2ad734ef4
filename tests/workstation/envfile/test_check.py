"""The check of what a person enters."""

import pytest

from rolecall.errors import UsageError
from rolecall.workstation.envfile import check


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ROLE_ARN", "arn:aws:iam::1234:role/x"),
        ("ROLE_ARN", "role/x"),
        ("AWS_REGION", "Frankfurt"),
        ("AWS_ACCESS_KEY_ID", "my key"),
        ("AWS_SECRET_ACCESS_KEY", "with space"),
    ],
)
def test_value_when_it_cannot_be_right_then_names_the_flag(name: str, value: str) -> None:
    """A wrong shape is told before anything is written; a secret is not echoed."""
    with pytest.raises(UsageError) as caught:
        check.value(name, value)
    assert check.FLAGS[name] in caught.value.hint
    if "SECRET" in name:
        assert value not in str(caught.value)
