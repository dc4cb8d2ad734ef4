"""Root is had through sudo, and a password is asked for only where a person sees it."""

import contextlib
from collections.abc import Iterator

from rolecall.workstation.programs import sudo
from support import fake_workstation as fakes


def test_prefix_when_root_then_is_empty(machine: fakes.Machine) -> None:
    """Root runs commands as they are, also where there is no sudo."""
    found = sudo.prefix(environ=machine.environ, search=str(machine.folder), user_id=lambda: 0)
    assert found == ()


def test_prefix_when_there_is_no_sudo_then_is_none(machine: fakes.Machine) -> None:
    """An ordinary user on a machine without sudo cannot become root."""
    found = sudo.prefix(environ=machine.environ, search=str(machine.folder), user_id=lambda: 1000)
    assert found is None


def test_prefix_when_sudo_needs_no_password_then_never_asks(machine: fakes.Machine) -> None:
    """Sudo -n is used from then on: it can never wait."""
    machine.add_sudo(is_free=True)
    found = sudo.prefix(environ=machine.environ, search=str(machine.folder), user_id=lambda: 1000)
    assert found == (str(machine.folder / "sudo"), "-n")
    assert machine.calls == ["sudo -n true"]


def test_prefix_when_nobody_can_answer_then_is_none(machine: fakes.Machine) -> None:
    """A password is never asked for where there is no terminal."""
    machine.add_sudo(is_free=False)
    found = sudo.prefix(
        environ=machine.environ, search=str(machine.folder), user_id=lambda: 1000, can_ask=lambda: False
    )
    assert found is None
    assert machine.calls == ["sudo -n true"]


def test_prefix_when_at_a_terminal_then_sudo_asks(machine: fakes.Machine) -> None:
    """The person is told why before sudo's own prompt appears, and no spinner writes over it."""
    machine.add_sudo(is_free=False)
    said: list[str] = []

    @contextlib.contextmanager
    def paused() -> Iterator[None]:
        assert machine.calls == ["sudo -n true"]
        yield
        said.append("went on")

    found = sudo.prefix(
        environ=machine.environ,
        search=str(machine.folder),
        user_id=lambda: 1000,
        can_ask=lambda: True,
        say=said.append,
        paused=paused,
    )
    assert found == (str(machine.folder / "sudo"),)
    assert machine.calls == ["sudo -n true", "sudo -v"]
    assert "password" in said[0]
    assert said[1:] == ["went on"]
