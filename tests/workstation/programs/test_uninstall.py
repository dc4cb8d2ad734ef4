"""Packages are removed only where nothing else can need them."""

import os

import pytest

from rolecall.workstation.programs import uninstall
from rolecall.workstation.programs.tool import Tool
from support import fake_workstation as fakes


def test_undo_when_others_need_the_package_then_keeps_it(machine: fakes.Machine) -> None:
    """Apt is asked first what would go along."""
    if os.geteuid() != 0:
        machine.add_sudo(is_free=True)
    machine.add_manager("apt", version="2.37.1")
    script = machine.folder / "apt-get"
    script.write_text("#!/bin/sh\necho Remv direnv\necho Remv other\n")
    said = uninstall.undo({"manager": "apt", "package": "direnv"}, environ=machine.environ, is_kept=False)
    assert "remove others too" in said


def test_undo_when_the_package_was_upgraded_then_keeps_it(machine: fakes.Machine, tool: Tool) -> None:
    """An older version was the person's: teardown must not take the new one away."""
    machine.add_tool("direnv", "2.20.0")
    machine.add_manager("apt", version="2.37.1", installs="2.37.1")
    facts = fakes.install(tool, machine)
    assert "older version was there" in uninstall.undo(facts, environ=machine.environ, is_kept=False)


def test_undo_when_nothing_else_needs_the_package_then_removes_it(machine: fakes.Machine) -> None:
    """What setup installed and nothing depends on goes with teardown."""
    if os.geteuid() != 0:
        machine.add_sudo(is_free=True)
    machine.add_manager("apt", version="2.37.1")
    script = machine.folder / "apt-get"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "apt-get $*" >>{machine.folder}/log\necho Remv direnv\n')
    said = uninstall.undo({"manager": "apt", "package": "direnv"}, environ=machine.environ, is_kept=False)
    assert said == "removed the package direnv"
    assert machine.calls[-1] == "apt-get remove -y -q direnv"


@pytest.mark.parametrize("name", ["dnf", "zypper"])
def test_undo_when_the_manager_would_remove_others_then_keeps_the_package(
    machine: fakes.Machine, name: str
) -> None:
    """Those managers remove what depends on it without asking."""
    machine.add_manager(name, version="2.37.1")
    assert "kept" in uninstall.undo(
        {"manager": name, "package": "direnv", "had": "False"}, environ=machine.environ, is_kept=False
    )
    assert machine.calls == []
