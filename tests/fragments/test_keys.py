"""`91-keys.cold.sh`: the role's keys, after the project's own fragments have loaded others."""

import pytest

from support import fragments

SCRIPT = """
export AWS_ACCESS_KEY_ID=theirs AWS_SECRET_ACCESS_KEY=theirs AWS_SESSION_TOKEN=theirs AWS_PROFILE=theirs
_rolecall_session=($SESSION) _rolecall_state=$NOW_IS _rolecall_profile=$PROFILE
_rolecall_read_cold keys
_rolecall_hold_keys
env | grep ^AWS | sort
"""
SESSION = "AWS_ACCESS_KEY_ID=A AWS_SECRET_ACCESS_KEY=S AWS_SESSION_TOKEN=T AWS_REGION=r"
KEYS = ["AWS_ACCESS_KEY_ID=A", "AWS_PROFILE=theirs", "AWS_SECRET_ACCESS_KEY=S", "AWS_SESSION_TOKEN=T"]


@pytest.mark.parametrize(
    ("state", "profile", "session", "left"),
    [
        ("warm", "", SESSION, KEYS),
        ("stale", "", SESSION, KEYS),
        ("none", "", SESSION, ["AWS_PROFILE=theirs"]),
        ("warm", "shop-dev", "AWS_REGION=r", ["AWS_PROFILE=shop-dev"]),
        ("none", "shop-dev", "", ["AWS_PROFILE=shop-dev"]),
    ],
)
def test_keys_when_a_fragment_loaded_others_then_they_are_the_roles_or_none(
    state: str, profile: str, session: str, left: list[str]
) -> None:
    """A person's old `dotenv` line does not put a long-lived key into the shell."""
    own = {"SESSION": session, "NOW_IS": state, "PROFILE": profile}
    assert fragments.run(SCRIPT, own).splitlines() == left
