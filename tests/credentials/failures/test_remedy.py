"""The command that helps, by where the identity's keys are."""

import pytest

from rolecall.credentials.failures import remedy

CREDENTIALS = '${EDITOR:-vi} "${AWS_SHARED_CREDENTIALS_FILE:-$HOME/.aws/credentials}"'


@pytest.mark.parametrize(
    ("label", "replace", "untoken"),
    [
        ("profile ann", CREDENTIALS, CREDENTIALS),
        (
            "keys …1234 in the environment",
            "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
            "unset AWS_SESSION_TOKEN",
        ),
        ("keys …1234 in .env", "invoke setup --ask", "${EDITOR:-vi} .env"),
        ("keys …1234 in the OS keyring", "invoke setup --ask", "invoke setup --ask"),
    ],
)
def test_remedy_when_keys_or_their_token_are_wrong_then_mended_where_they_are(
    label: str, replace: str, untoken: str
) -> None:
    """A profile's keys are not setup's to replace."""
    found = remedy.of(label)
    assert (found["replace"], found["untoken"]) == (replace, untoken)
    assert found["set_clock"].startswith("sudo ")
