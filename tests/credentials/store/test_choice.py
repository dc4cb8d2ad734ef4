"""Whose word ROLECALL_ROLE is: the person's, or that of the `.envrc` that exported it."""

import base64
import json
import zlib
from pathlib import Path

import pytest

from rolecall.credentials.store import choice
from rolecall.project import config


def loaded(before: dict[str, str], after: dict[str, str]) -> str:
    """Return DIRENV_DIFF as direnv writes it."""
    return base64.urlsafe_b64encode(zlib.compress(json.dumps({"p": before, "n": after}).encode())).decode()


@pytest.mark.parametrize(
    ("before", "now", "role"),
    [
        ({}, "dev", "prod"),
        ({}, "other", "other"),
        ({"ROLECALL_ROLE": "mine"}, "dev", "mine"),
        ({"ROLECALL_ROLE": "mine"}, "other", "other"),
    ],
    ids=["exported by envrc", "set since", "set before", "set before and since"],
)
def test_current_when_direnv_loaded_a_role_then_only_the_persons_own_word_counts(
    shop: Path, monkeypatch: pytest.MonkeyPatch, before: dict[str, str], now: str, role: str
) -> None:
    """A role that `cd` brought gives way to the default; one that was set by hand does not."""
    roles = shop / "envrc.d/roles.toml"
    roles.write_text(roles.read_text().replace('default_role = "dev"', 'default_role = "prod"'))
    monkeypatch.setenv("DIRENV_DIFF", loaded(before, {"ROLECALL_ROLE": "dev"}))
    monkeypatch.setenv("ROLECALL_ROLE", now)
    assert choice.current(config.load(shop)) == role
