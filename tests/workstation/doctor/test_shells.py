"""Whether doctor says that a login shell does not renew."""

from pathlib import Path

import pytest

from rolecall.workstation.doctor import shells
from rolecall.workstation.doctor.symptom import Level
from rolecall.workstation.steps.step import Context


@pytest.mark.parametrize("shell", ["elvish", "nu", "xonsh", "pwsh", "murex", "ion"])
def test_look_when_the_login_shell_never_renews_then_says_so_and_the_command(shop: Path, shell: str) -> None:
    """A person at an open shell learns why the role is gone after an hour."""
    (found,) = shells.look(Context(shop, environ={"SHELL": f"/usr/bin/{shell}"}))
    assert (found.id, found.level, found.fix) == ("renewal", Level.NOTE, "direnv reload")
    assert shell in found.detail


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh", "csh", "sh"])
def test_look_when_the_shell_renews_or_has_no_hook_then_is_fine(shop: Path, shell: str) -> None:
    """Nothing to say of the four that renew at their prompt."""
    (found,) = shells.look(Context(shop, environ={"SHELL": f"/bin/{shell}"}))
    assert found.level is Level.OK
