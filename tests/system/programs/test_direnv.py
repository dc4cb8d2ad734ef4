"""What direnv did is undone as direnv would undo it."""

import base64
import json
import os
import zlib

from rolecall.system.programs import direnv


def packed(before: dict[str, str], after: dict[str, str]) -> str:
    """Return a DIRENV_DIFF as direnv writes it."""
    text = json.dumps({"p": before, "n": after}).encode()
    return base64.urlsafe_b64encode(zlib.compress(text)).decode().rstrip("=")


def test_reverted_when_a_role_is_loaded_then_the_persons_own_values_are_back() -> None:
    """What was before comes back, what was not goes, the rest stays."""
    environ = {
        "DIRENV_DIFF": packed({"AWS_PROFILE": "mine"}, {"AWS_ACCESS_KEY_ID": "ASIA"}),
        "AWS_ACCESS_KEY_ID": "ASIA",
        "EDITOR": "vi",
    }
    assert direnv.reverted(environ) == {"AWS_PROFILE": "mine", "EDITOR": "vi"}


def test_changes_when_the_record_is_broken_then_is_empty() -> None:
    """Garbage in the variable is no crash."""
    for garbage in ("", "x", "!!!", packed({}, {})[:-4], base64.urlsafe_b64encode(b"hello").decode()):
        assert direnv.changes({**os.environ, "DIRENV_DIFF": garbage}) == {}
