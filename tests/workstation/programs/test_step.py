"""The steps of the programs: which are needed, what they say; apt for real where it is."""

import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from rolecall.errors import MachineError, UsageError
from rolecall.workstation.programs import catalogue
from rolecall.workstation.programs import step as programs
from rolecall.workstation.programs import tool as tools
from rolecall.workstation.steps.step import Answers, Context, Record, State
from support import fake_workstation as fakes


def context(machine: fakes.Machine, root: Path, *names: str) -> Context:
    """Return a run on `machine` that asks for these tools."""
    return Context(root, Answers(tools=names), environ=machine.environ)


def test_check_when_aws_is_version_1_then_names_the_file_that_runs(
    machine: fakes.Machine, tmp_path: Path
) -> None:
    """Which file, which version, which other one it hides, and how the right one would come."""
    shim = machine.add_tool("aws", "aws-cli/1.45.11 Python/3.11.7", folder=tmp_path / "shims")
    good = machine.add_tool("aws", "aws-cli/2.9.19 Python/3.11.2")
    run = context(machine, tmp_path, "aws")
    run = replace(run, environ={**machine.environ, "PATH": f"{shim.parent}:{machine.folder}"})
    step = next(step for step in programs.steps(run) if step.name == "aws")
    found = step.check(run)
    assert found.state is State.CHANGE
    assert f"{shim} is 1.45.11, too old; hides {good}" in found.detail
    assert step.optional


def test_steps_when_nothing_is_requested_then_are_the_required_ones(
    machine: fakes.Machine, tmp_path: Path
) -> None:
    """Git, bash and direnv; nothing else is looked for."""
    assert [step.name for step in programs.steps(context(machine, tmp_path))] == [
        "git",
        "bash",
        "direnv",
    ]


def test_steps_when_project_and_person_ask_for_tools_then_have_each_once(
    machine: fakes.Machine, tmp_path: Path
) -> None:
    """roles.toml and --tool add up."""
    (tmp_path / "envrc.d").mkdir()
    (tmp_path / "envrc.d/roles.toml").write_text('[project]\ntools = ["jq", "aws", "git"]\n')
    names = [step.name for step in programs.steps(context(machine, tmp_path, "aws"))]
    assert names == ["git", "bash", "direnv", "aws", "jq"]


@pytest.mark.parametrize("text", ["[project\n", "project = 3\n", '[project]\ntools = "jq"\n', "\xff"])
def test_steps_when_roles_toml_is_broken_then_are_the_required_ones(
    machine: fakes.Machine, tmp_path: Path, text: str
) -> None:
    """The file's own check reports it with its line; this one still knows the required tools."""
    (tmp_path / "envrc.d").mkdir()
    (tmp_path / "envrc.d/roles.toml").write_text(text, encoding="latin-1")
    assert len(programs.steps(context(machine, tmp_path))) == 3


def test_steps_when_the_team_names_an_unknown_tool_then_look_for_it(
    machine: fakes.Machine, tmp_path: Path
) -> None:
    """roles.toml may name what rolecall cannot install: there or not is told, and stops nothing."""
    (tmp_path / "envrc.d").mkdir()
    (tmp_path / "envrc.d/roles.toml").write_text('[project]\ntools = ["terraform"]\n')
    run = context(machine, tmp_path)
    step = programs.steps(run)[-1]
    assert step.optional
    assert step.check(run).state is State.UNKNOWN
    machine.add_tool("terraform", "Terraform v1.9.8")
    assert step.check(run).state is State.DONE


def test_steps_when_the_person_names_an_unknown_tool_then_is_a_usage_error(
    machine: fakes.Machine, tmp_path: Path
) -> None:
    """The known ones are named."""
    with pytest.raises(UsageError, match="'terraform'") as caught:
        programs.steps(context(machine, tmp_path, "terraform"))
    assert "session-manager-plugin" in caught.value.message


def test_apply_when_run_twice_then_installs_once(machine: fakes.Machine, tmp_path: Path) -> None:
    """The record has what undo needs; a second apply finds it done."""
    if os.geteuid() != 0:
        machine.add_sudo(is_free=True)
    machine.add_manager("apt", version="2.37.1", installs="2.37.1")
    records: list[Record] = []
    run = replace(context(machine, tmp_path), journal=records.append)
    step = next(step for step in programs.steps(run) if step.name == "direnv")
    assert step.check(run).state is State.CHANGE
    step.apply(run)
    step.apply(run)
    assert [record.facts for record in records] == [{"manager": "apt", "package": "direnv", "had": "False"}]
    assert step.check(run).state is State.DONE


def test_check_when_nothing_can_install_it_then_says_so(machine: fakes.Machine, tmp_path: Path) -> None:
    """Nothing known to install git with: unknown, with words for a person."""
    step = programs.steps(context(machine, tmp_path))[0]
    found = step.check(context(machine, tmp_path))
    assert found.state is State.UNKNOWN
    assert "install git" in found.detail


@pytest.mark.parametrize("tool", catalogue.REQUIRED, ids=lambda tool: tool.name)
def test_undo_when_others_may_use_the_tool_then_keeps_it(
    machine: fakes.Machine, tmp_path: Path, tool: tools.Tool
) -> None:
    """Git and bash stay even if setup brought them; direnv goes only where that is known to be safe."""
    machine.add_manager("dnf", version="2.37.1")
    step = next(step for step in programs.every_step(context(machine, tmp_path)) if step.name == tool.name)
    record = Record(tool.name, "2026-01-01T00:00:00+00:00", {"manager": "dnf", "package": tool.name})
    assert step.undo(context(machine, tmp_path), record).startswith("kept")


@pytest.mark.parametrize("has_others", [True, False])
def test_undo_when_direnv_is_used_elsewhere_then_keeps_it(
    machine: fakes.Machine, tmp_path: Path, *, has_others: bool
) -> None:
    """Setup brought direnv, but the person approved more than our folder since."""
    placed = machine.add_tool("direnv", "2.37.1", folder=machine.home / ".local/bin")
    allowed = machine.home / ".local/share/direnv/allow"
    allowed.mkdir(parents=True)
    if has_others:
        (allowed / "0123").write_text("/elsewhere/.envrc")
    digest = hashlib.sha256(placed.read_bytes()).hexdigest()
    facts = {"file": str(placed), "sha256": digest, "folders": ""}
    run = context(machine, tmp_path)
    step = next(step for step in programs.every_step(run) if step.name == "direnv")
    said = step.undo(run, Record("direnv", "2026-01-01T00:00:00+00:00", facts))
    assert said.startswith("kept" if has_others else "removed")
    assert placed.exists() is has_others


def test_install_for_tests_when_nothing_can_install_then_names_the_missing(
    machine: fakes.Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No manager, no download: each missing tool is named, nothing raises."""
    monkeypatch.setattr(programs, "REQUIRED", ())
    machine.add_tool("zsh", "zsh 5.9")
    said: list[str] = []
    missing = programs.install_for_tests(said.append, environ=machine.environ)
    assert missing == ["fish", "tcsh", "tmux", "strace"]
    assert len(said) == len(missing)


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="this machine has another manager")
def test_steps_when_on_this_machine_then_are_done_or_say_how(tmp_path: Path) -> None:
    """The real apt: what is installed is found; what is not would come from it or from a pinned file."""
    run = Context(tmp_path, Answers(tools=("aws", "jq", "session-manager-plugin")))
    for step in programs.steps(run):
        found = step.check(run)
        assert found.state is State.DONE or "would be installed: " in found.detail


def test_apply_when_nothing_can_install_it_then_is_a_machine_error_with_a_hint(
    machine: fakes.Machine, tmp_path: Path
) -> None:
    """The engine stops there; the hint is what to type."""
    step = programs.steps(context(machine, tmp_path))[0]
    with pytest.raises(MachineError) as caught:
        step.apply(context(machine, tmp_path))
    assert caught.value.code == "tool-missing"
    assert caught.value.hint
