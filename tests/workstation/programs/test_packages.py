"""Packages of the system: fakes of every manager."""

import os
from dataclasses import replace

import pytest

from rolecall.errors import MachineError
from rolecall.workstation.programs import catalogue, managers
from rolecall.workstation.programs import install as installing
from rolecall.workstation.programs.packages import Run
from rolecall.workstation.programs.tool import Tool, look
from support import fake_workstation as fakes

SYSTEM = [manager.name for manager in managers.MANAGERS if manager.needs_root]


@pytest.mark.parametrize("name", SYSTEM)
def test_install_when_a_manager_has_the_package_then_takes_it(
    machine: fakes.Machine, tool: Tool, name: str
) -> None:
    """Asked first, then installed; nothing is refreshed where the lists have it."""
    machine.add_manager(name, version="2.37.1", installs="2.37.1")
    assert fakes.install(tool, machine) == {"manager": name, "package": "direnv", "had": "False"}
    assert len(machine.calls) == 2
    assert fakes.INSTALL[name] in machine.calls[1].split()
    assert not any(fakes.REFRESH[name] in call.split() for call in machine.calls)


@pytest.mark.parametrize("name", ["brew", "nix"])
def test_install_when_the_manager_is_the_users_own_then_needs_no_root(
    machine: fakes.Machine, tool: Tool, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Homebrew and nix install for the user alone: sudo is not even looked for."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    machine.add_manager(name, version="2.37.1", installs="2.37.1")

    def never(**_: object) -> tuple[str, ...]:
        raise AssertionError("root was asked for")

    assert fakes.install(tool, machine, never)["manager"] == name


@pytest.mark.parametrize("name", SYSTEM)
def test_install_when_the_lists_are_old_then_refreshes_them_once(
    machine: fakes.Machine, tool: Tool, name: str
) -> None:
    """A fresh container has no lists at all."""
    machine.add_manager(name, version=None, after_refresh="2.37.1", installs="2.37.1")
    fakes.install(tool, machine)
    assert sum(fakes.REFRESH[name] in call.split() for call in machine.calls) == 1


def test_install_when_one_list_cannot_be_refreshed_then_continues(machine: fakes.Machine, tool: Tool) -> None:
    """apt-get update exits 100 for one dead list; the others were refreshed all the same."""
    machine.add_manager("apt", version=None, after_refresh="2.37.1", installs="2.37.1")
    script = machine.folder / "apt-get"
    script.write_text(script.read_text().replace("exit 0 ;;\n  install", "exit 100 ;;\n  install"))
    assert fakes.install(tool, machine)["manager"] == "apt"


def test_install_when_the_manager_fails_then_gives_its_last_line(machine: fakes.Machine, tool: Tool) -> None:
    """The reason is the manager's own; it was tried again after a refresh."""
    machine.add_manager("apt", version="2.37.1", code=100)
    with pytest.raises(MachineError, match="apt failed: E: it broke"):
        fakes.install(tool, machine)
    assert sum("install" in call.split() for call in machine.calls) == 2


def test_install_when_another_file_would_hide_it_then_installs_nothing(machine: fakes.Machine) -> None:
    """A version 1 `aws` before the manager's on PATH: told which file wins; no package for nothing."""
    first = machine.folder.parent / "shims"
    machine.add_tool("aws", "aws-cli/1.45.11 Python/3.11.7", folder=first)
    machine.add_manager("apt", version="2.9.19")
    environ = {**machine.environ, "PATH": f"{first}:{machine.folder}"}
    aws = replace(catalogue.AWS, pins={})
    assert look(aws, environ=environ).version == (1, 45, 11)
    with pytest.raises(MachineError, match=r"shims/aws \(1\.45\.11\) comes first on PATH"):
        installing.install(aws, Run(environ, lambda _: None, find_root=fakes.as_root))
    assert not any("install" in call.split() for call in machine.calls)
