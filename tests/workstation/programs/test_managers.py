"""The command lines of every package manager, against programs that answer as the real ones; apt for real."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from rolecall.workstation.programs import managers
from rolecall.workstation.programs.managers import MANAGERS
from support import fake_workstation as fakes

ALL = [manager.name for manager in MANAGERS]


@pytest.mark.parametrize("name", ALL)
def test_candidate_when_the_manager_has_it_then_is_the_upstream_version(
    machine: fakes.Machine, name: str
) -> None:
    """Epochs and packaging revisions are left out; of several the newest counts."""
    machine.add_manager(name, version="2.37.1")
    manager = managers.named(name)
    assert manager
    assert manager.candidate("direnv", environ=machine.environ) == (2, 37, 1)


@pytest.mark.parametrize("name", ALL)
def test_candidate_when_the_manager_has_none_then_is_none(machine: fakes.Machine, name: str) -> None:
    """No such package, whatever the manager says about it."""
    machine.add_manager(name, version=None)
    manager = managers.named(name)
    assert manager
    assert manager.candidate("direnv", environ=machine.environ) is None


def test_candidate_when_the_manager_breaks_then_is_none(machine: fakes.Machine) -> None:
    """A manager that does not start offers nothing, and stops nothing."""
    broken = machine.folder / "pacman"
    broken.write_text("not a program")
    broken.chmod(0o755)
    pacman = managers.named("pacman")
    assert pacman
    assert pacman.candidate("direnv", environ=machine.environ) is None


@pytest.mark.parametrize("name", ALL)
def test_present_when_a_program_is_there_then_finds_its_manager(machine: fakes.Machine, name: str) -> None:
    """Homebrew refuses to run as root, so it is not there for root."""
    machine.add_manager(name, version=None)
    found = [manager.name for manager in managers.present(str(machine.folder))]
    assert found == ([] if name == "brew" and os.geteuid() == 0 else [name])


def test_run_when_through_sudo_then_keeps_the_settings(machine: fakes.Machine) -> None:
    """Sudo clears the environment: DEBIAN_FRONTEND goes through env(1)."""
    machine.add_sudo(is_free=True)
    machine.add_manager("apt", version="2.37.1", installs="2.37.1")
    apt = managers.named("apt")
    assert apt
    apt.run(
        apt.install,
        "direnv",
        environ=machine.environ,
        root=(str(machine.folder / "sudo"), "-n"),
        seconds=60,
    )
    assert "DEBIAN_FRONTEND=noninteractive apt-get install -y" in machine.calls[0]
    assert machine.calls[1].endswith(" direnv")


@pytest.mark.skipif(shutil.which("apt-cache") is None, reason="this machine has another manager")
def test_candidate_when_apt_is_real_then_changes_nothing() -> None:
    """apt-cache is asked without its caches: even as root it writes no file."""
    before = sorted((path.name, path.stat().st_mtime_ns) for path in Path("/var/cache/apt").glob("*.bin"))
    apt = managers.named("apt")
    assert apt
    found = apt.candidate("bash", environ=os.environ)
    shown = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", "bash"], capture_output=True, text=True, check=True
    ).stdout
    assert found is not None
    assert shown.startswith(".".join(map(str, found[:2])))
    assert apt.candidate("no-such-package-at-all", environ=os.environ) is None
    assert (
        sorted((path.name, path.stat().st_mtime_ns) for path in Path("/var/cache/apt").glob("*.bin"))
        == before
    )
