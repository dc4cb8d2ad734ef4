"""The place of a project: its folders by its key, and the environment and clock of whoever asks."""

import os

import pytest

from rolecall.errors import MachineError
from rolecall.system.disk import place


def test_at_when_asked_then_each_folder_is_by_the_environment_that_is_given(home: object) -> None:
    """Two projects of two people never share one."""
    environ = {"HOME": "/people/ann", "XDG_CACHE_HOME": "/cache", "XDG_STATE_HOME": "/state"}
    where = place.at("/shop", environ=environ, clock=lambda: 7.0)
    assert (where.root, where.key, where.clock()) == ("/shop", "+shop", 7.0)
    assert (where.folder, where.state) == ("/cache/rolecall/+shop", "/state/rolecall/+shop")
    assert where.environ is environ
    assert place.at("/shop").environ is os.environ
    assert place.at("/shop").state == f"{home}/.local/state/rolecall/+shop"


def test_place_when_shown_then_no_value_of_the_environment_is() -> None:
    """A traceback must not show what a person exports."""
    where = place.at("/shop", environ={"HOME": "/people/ann", "TOKEN": "hidden"}, clock=lambda: 7.0)
    assert "hidden" not in repr(where)
    assert "lambda" not in repr(where)


def test_at_when_home_is_not_set_then_says_what_helps() -> None:
    """The command is typed as it stands."""
    with pytest.raises(MachineError, match="HOME is not set") as raised:
        place.at("/shop", environ={"XDG_CACHE_HOME": "/cache"})
    assert raised.value.hint == 'export HOME="$(cd ~ && pwd)"'
