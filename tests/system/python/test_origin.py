"""The command that installs more of rolecall names the place it came from, never an index."""

import sys

import pytest

from rolecall.system.python import origin


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        (
            '{"url": "file:///Users/ann/role%20call", "dir_info": {"editable": true}}',
            "install --editable '/Users/ann/role call[sandbox]'",
        ),
        (
            '{"url": "file:///tmp/rolecall-1-py3-none-any.whl"}',
            "install '/tmp/rolecall-1-py3-none-any.whl[sandbox]'",
        ),
        (
            '{"url": "https://git.example/rolecall", "vcs_info": {"vcs": "git", "commit_id": "abc123"}}',
            "install 'rolecall[sandbox] @ git+https://git.example/rolecall@abc123'",
        ),
    ],
    ids=["a checkout", "a wheel", "a repository"],
)
def test_install_command_when_the_place_is_known_then_names_it(facts: str, command: str) -> None:
    """It is typed as it stands, and installs from the same place."""
    found = origin.install_command("sandbox", read=lambda: facts)
    assert found.endswith(command)
    assert sys.executable in found


@pytest.mark.parametrize("facts", [None, "{}", "not json", '{"vcs_info": {"vcs": "git"}, "url": "x"}'])
def test_install_command_when_the_place_is_not_known_then_there_is_none(facts: str | None) -> None:
    """A name on an index may be somebody else's."""
    assert origin.install_command("sandbox", read=lambda: facts) == ""
