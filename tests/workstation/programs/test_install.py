"""The order of the ways to a program: a package, a download, the command to type."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from rolecall.errors import MachineError
from rolecall.workstation.programs import catalogue, uninstall
from rolecall.workstation.programs import install as installing
from rolecall.workstation.programs.packages import Run
from rolecall.workstation.programs.tool import Tool, look
from support import fake_workstation as fakes


def test_install_when_the_package_is_too_old_then_downloads(
    machine: fakes.Machine, tool: Tool, served: tuple[str, dict[str, bytes]]
) -> None:
    """A package below the minimum is not installed at all."""
    base, files = served
    files["/direnv"] = fakes.BINARY
    machine.add_manager("apt", version="2.20.0", installs="2.20.0")
    both = replace(fakes.pinned(tool, f"{base}/direnv", fakes.BINARY), packages=tool.packages)
    facts = fakes.install(both, machine)
    assert facts["file"] == str(machine.home / ".local/bin/direnv")
    assert not any("install" in call.split() for call in machine.calls)
    assert look(both, environ=machine.environ).version == (2, 37, 1)


def test_install_when_there_is_no_root_then_downloads(
    machine: fakes.Machine, tool: Tool, served: tuple[str, dict[str, bytes]]
) -> None:
    """No sudo, no hang: the package is left and the fakes.pinned binary taken."""
    base, files = served
    files["/direnv"] = fakes.BINARY
    machine.add_manager("apt", version="2.37.1", installs="2.37.1")
    both = replace(fakes.pinned(tool, f"{base}/direnv", fakes.BINARY), packages=tool.packages)
    assert "file" in fakes.install(both, machine, fakes.as_nobody)


def test_install_when_nothing_works_then_names_the_exact_command(
    machine: fakes.Machine, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What to type is for this machine's manager, with sudo."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    machine.add_manager("apt", version="2.37.1")
    machine.add_sudo(is_free=False)
    with pytest.raises(MachineError) as caught:
        fakes.install(tool, machine, fakes.as_nobody)
    assert caught.value.exit_code == 1
    assert caught.value.hint == "sudo apt-get install -y --no-install-recommends direnv"
    assert "direnv 2.32 or newer is needed" in caught.value.message


@pytest.mark.parametrize("manager", ["apt", "dnf"])
def test_install_when_there_is_no_sudo_either_then_the_command_needs_none(
    machine: fakes.Machine, monkeypatch: pytest.MonkeyPatch, manager: str
) -> None:
    """A package can be taken apart without root; else it is root's password that is asked for."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    machine.add_manager(manager, version="2.37.1")
    with pytest.raises(MachineError) as caught:
        fakes.install(replace(catalogue.DIRENV, pins={}), machine, fakes.as_nobody)
    hint = str(caught.value.hint)
    assert hint.startswith("(cd " if manager == "apt" else "su -c '")
    assert "sudo" not in hint
    assert "pixi global install direnv" in caught.value.message


@pytest.mark.client("dpkg-deb")
def test_command_when_root_is_not_needed_then_brings_the_program(
    machine: fakes.Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Run as it stands: apt-get download is a stand-in that copies a really built package."""
    built = tmp_path / "direnv"
    (built / "DEBIAN").mkdir(parents=True)
    (built / "usr/bin").mkdir(parents=True)
    (built / "DEBIAN/control").write_text(
        "Package: direnv\nVersion: 1\nArchitecture: all\nMaintainer: Ann <ann@shop.example>\nDescription: x\n"
    )
    (built / "usr/bin/direnv").write_bytes(fakes.BINARY)
    subprocess.run(["dpkg-deb", "-b", str(built), str(tmp_path / "direnv_1_all.deb")], check=True)
    fetch = machine.folder / "apt-get"
    fetch.write_text(f'#!/bin/sh\n[ "$*" = "download direnv" ] && cp {tmp_path}/direnv_1_all.deb .\n')
    fetch.chmod(0o755)
    environ = {"HOME": str(machine.home), "PATH": f"{machine.folder}:/usr/bin:/bin"}
    subprocess.run(["bash", "-c", catalogue.DIRENV.without_root["apt"]], env=environ, check=True)
    assert (machine.home / ".local/bin/direnv").read_bytes() == fakes.BINARY
    assert os.access(machine.home / ".local/bin/direnv", os.X_OK)


def test_install_when_an_old_program_still_runs_then_fails(machine: fakes.Machine, tool: Tool) -> None:
    """The manager says it is done, but the old file still runs: that is not success."""
    machine.add_tool("direnv", "2.20.0")
    machine.add_manager("apt", version="2.37.1")
    with pytest.raises(MachineError, match=r"bin/direnv \(2\.20\.0\) comes first on PATH"):
        fakes.install(tool, machine)


def test_pin_when_on_musl_then_offers_no_program_of_glibc(monkeypatch: pytest.MonkeyPatch) -> None:
    """The AWS CLI's zip does not start on Alpine."""
    monkeypatch.setattr(installing, "is_musl", lambda: True)
    monkeypatch.setattr(installing, "machine", lambda: "linux-x86_64")
    assert installing.pin(catalogue.AWS) is None
    assert installing.pin(catalogue.DIRENV) is not None


def test_plan_when_there_are_three_managers_then_connects_to_none(
    machine: fakes.Machine, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan asks only managers that answer from their own lists."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for name in ("apt", "brew", "nix"):
        machine.add_manager(name, version="2.37.1")
    shown = installing.plan(tool, environ=machine.environ)
    assert shown == "sudo apt-get install -y --no-install-recommends direnv (has 2.37.1)"
    assert [call.split()[0] for call in machine.calls] == ["apt-cache"]


def test_plan_when_there_is_only_homebrew_then_asks_it_nothing(
    machine: fakes.Machine, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Brew would connect to tell a version, so it is not asked."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    machine.add_manager("brew", version="2.37.1")
    assert installing.plan(tool, environ=machine.environ) == "brew install --quiet direnv"
    assert machine.calls == []


def test_plan_when_root_has_no_lists_then_would_refresh_them(
    machine: fakes.Machine, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan is what apply would try, in that order."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    machine.add_manager("apt", version=None)
    both = replace(fakes.pinned(tool, "https://x.example/direnv", fakes.BINARY), packages=tool.packages)
    shown = installing.plan(both, environ=machine.environ)
    assert shown is not None
    assert shown.startswith("apt's package, once its lists are refreshed; else download 2.37.1")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_journal_when_an_installation_fails_then_has_downloads_only(
    machine: fakes.Machine, tool: Tool, moment: str
) -> None:
    """A kill in between leaves no file unknown to the journal, and no record of another's package."""
    told: list[dict[str, str]] = []
    if moment == "after":
        machine.add_manager("apt", version="2.37.1", code=1)
    with pytest.raises(MachineError):
        installing.install(
            tool if moment == "after" else fakes.pinned(tool, "http://127.0.0.1:9/direnv", fakes.BINARY),
            Run(machine.environ, lambda _: None, told.append, find_root=fakes.as_root),
        )
    assert len(told) == (1 if moment == "before" else 0)
    for facts in told:
        assert "gone already" in uninstall.undo(facts, environ=machine.environ, is_kept=False)
