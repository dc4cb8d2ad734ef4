"""The verdict on a shell, from its three observations."""

from pathlib import Path

import pytest

from rolecall.workstation.proof.judge import Row, judged

BEFORE = {"role": "", "names": [], "path": ["/usr/bin"]}
ARN = "arn:aws:sts::111122223333:assumed-role/dev/someone@shop"
INSIDE = {
    "role": "dev",
    "names": ["AWS_ACCESS_KEY_ID", "AWS_REGION", "ROLECALL_ROLE"],
    "path": ["/usr/bin"],
    "arn": ARN,
}


@pytest.mark.parametrize(
    ("inside", "after", "reason"),
    [
        ({"role": ""}, BEFORE, "ROLECALL_ROLE is not set"),
        ({"names": ["ROLECALL_ROLE"]}, BEFORE, "no credentials"),
        ({"problem": "InvalidClientTokenId"}, BEFORE, "STS does not accept them: InvalidClientTokenId"),
        ({"arn": "arn:aws:iam::111122223333:user/me"}, BEFORE, "user/me"),
        ({}, None, "no prompt after leaving"),
        ({}, {**BEFORE, "names": ["AWS_REGION"]}, "still has AWS_REGION"),
    ],
    ids=["no-role", "no-keys", "refused", "not-a-role", "hangs", "left-over"],
)
def test_judged_when_one_thing_is_wrong_then_names_it(
    inside: dict[str, str], after: dict[str, list[str]] | None, reason: str
) -> None:
    """Each assertion has its own reason."""
    row = judged("bash", Path("/nowhere"), BEFORE, {**INSIDE, **inside}, after, shown="")
    assert reason in row.problem


def test_judged_when_all_is_right_then_is_ok() -> None:
    """No reason, and the row says who and where."""
    assert judged("zsh", Path("/nowhere"), BEFORE, INSIDE, BEFORE, shown="") == Row(
        "zsh", "dev", ARN, True, True
    )
