"""Every package manager's words, against programs that answer as the real ones do; apt for real."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rolecall.workstation.programs import managers
from rolecall.workstation.programs.managers import MANAGERS
from support import fake_workstation as fakes

ALL = [manager.name for manager in MANAGERS]


@pytest.fixture
def machine(tmp_path: Path, home: Path) -> fakes.Machine:
    """Make a machine with nothing on PATH."""
    return fakes.machine(tmp_path / "bin", home)


@pytest.mark.parametrize("name", ALL)
def test_candidate_where_the_manager_has_it_is_the_upstream_version(
    machine: fakes.Machine, name: str
) -> None:
    """Epochs and packaging revisions are left out; of several the newest counts."""
    machine.add_manager(name, version="2.37.1")
    manager = managers.named(name)
    assert manager
    assert managers.candidate(manager, "direnv", environ=machine.environ) == (2, 37, 1)


@pytest.mark.parametrize("name", ALL)
def test_candidate_where_the_manager_has_none_is_none(machine: fakes.Machine, name: str) -> None:
    """No such package, whatever the manager says about it."""
    machine.add_manager(name, version=None)
    manager = managers.named(name)
    assert manager
    assert managers.candidate(manager, "direnv", environ=machine.environ) is None


def test_candidate_where_the_manager_breaks_is_none(machine: fakes.Machine) -> None:
    """A manager that does not start offers nothing, and stops nothing."""
    broken = machine.folder / "pacman"
    broken.write_text("not a program")
    broken.chmod(0o755)
    pacman = managers.named("pacman")
    assert pacman
    assert managers.candidate(pacman, "direnv", environ=machine.environ) is None


@pytest.mark.parametrize("name", ALL)
def test_present_finds_each_manager_by_its_program(machine: fakes.Machine, name: str) -> None:
    """Homebrew refuses to run as root, so it is not there for root."""
    machine.add_manager(name, version=None)
    found = [manager.name for manager in managers.present(str(machine.folder))]
    assert found == ([] if name == "brew" and os.geteuid() == 0 else [name])


def test_root_prefix_for_root_is_nothing(machine: fakes.Machine) -> None:
    """Root runs commands as they are, also where there is no sudo."""
    found = managers.root_prefix(environ=machine.environ, search=str(machine.folder), user_id=lambda: 0)
    assert found == ()


def test_root_prefix_without_sudo_is_none(machine: fakes.Machine) -> None:
    """An ordinary user on a machine without sudo cannot become root."""
    found = managers.root_prefix(environ=machine.environ, search=str(machine.folder), user_id=lambda: 1000)
    assert found is None


def test_root_prefix_where_sudo_asks_nothing_never_asks(machine: fakes.Machine) -> None:
    """Sudo -n is used from then on: it can never wait."""
    machine.add_sudo(is_free=True)
    found = managers.root_prefix(environ=machine.environ, search=str(machine.folder), user_id=lambda: 1000)
    assert found == (str(machine.folder / "sudo"), "-n")
    assert machine.calls == ["sudo -n true"]


def test_root_prefix_where_nobody_sees_a_prompt_is_none_at_once(machine: fakes.Machine) -> None:
    """A password is never asked for where there is no terminal."""
    machine.add_sudo(is_free=False)
    found = managers.root_prefix(
        environ=machine.environ, search=str(machine.folder), user_id=lambda: 1000, can_ask=lambda: False
    )
    assert found is None
    assert machine.calls == ["sudo -n true"]


def test_root_prefix_at_a_terminal_lets_sudo_ask(machine: fakes.Machine) -> None:
    """The person is told why before sudo's own prompt appears, and no spinner writes over it."""
    machine.add_sudo(is_free=False)
    said: list[str] = []

    @contextlib.contextmanager
    def paused() -> Iterator[None]:
        assert machine.calls == ["sudo -n true"]
        yield
        said.append("went on")

    found = managers.root_prefix(
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


def test_run_through_sudo_brings_the_settings_along(machine: fakes.Machine) -> None:
    """Sudo clears the environment: DEBIAN_FRONTEND goes through env(1)."""
    machine.add_sudo(is_free=True)
    machine.add_manager("apt", version="2.37.1", installs="2.37.1")
    apt = managers.named("apt")
    assert apt
    managers.run(
        apt,
        managers.filled(apt.install, "direnv"),
        environ=machine.environ,
        root=(str(machine.folder / "sudo"), "-n"),
        seconds=60,
    )
    assert "DEBIAN_FRONTEND=noninteractive apt-get install -y" in machine.calls[0]
    assert machine.calls[1].endswith(" direnv")


@pytest.mark.skipif(shutil.which("apt-cache") is None, reason="this machine has another manager")
def test_candidate_of_the_real_apt_is_what_it_shows_and_changes_nothing() -> None:
    """apt-cache is asked without its caches: even as root it writes no file."""
    before = sorted((path.name, path.stat().st_mtime_ns) for path in Path("/var/cache/apt").glob("*.bin"))
    apt = managers.named("apt")
    assert apt
    found = managers.candidate(apt, "bash", environ=os.environ)
    shown = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", "bash"], capture_output=True, text=True, check=True
    ).stdout
    assert found is not None
    assert shown.startswith(".".join(map(str, found[:2])))
    assert managers.candidate(apt, "no-such-package-at-all", environ=os.environ) is None
    assert (
        sorted((path.name, path.stat().st_mtime_ns) for path in Path("/var/cache/apt").glob("*.bin"))
        == before
    )
