"""The command that installs more of rolecall names the place it came from, never an index."""

import sys
from pathlib import Path

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


@pytest.mark.parametrize(
    ("mark", "command"),
    [
        ("pipx_metadata.json", "pipx upgrade rolecall"),
        ("uv-receipt.toml", "uv tool upgrade rolecall"),
        ("lib/python3.11/.git", "git -C {}/lib/python3.11 pull"),
    ],
)
def test_upgrade_command_when_a_tool_installed_it_then_is_that_tools(
    tmp_path: Path, mark: str, command: str
) -> None:
    """Both pipx and uv know themselves where it came from; a checkout is pulled."""
    package = tmp_path / "lib/python3.11/site-packages/rolecall"
    package.mkdir(parents=True)
    (tmp_path / mark).write_text("")
    assert origin.upgrade_command(package=str(package)) == command.format(tmp_path)


@pytest.mark.parametrize(
    ("mark", "command"),
    [
        ("pipx_metadata.json", "pipx install --force 'rolecall[sandbox] @ file:///tmp/rolecall.whl'"),
        ("uv-receipt.toml", "uv tool install --force 'rolecall[sandbox] @ file:///tmp/rolecall.whl'"),
    ],
)
def test_install_command_when_a_tool_made_the_environment_then_is_that_tools(
    tmp_path: Path, mark: str, command: str
) -> None:
    """What pip adds there, the tool would not know, and lose at the next upgrade."""
    (tmp_path / mark).write_text("")
    facts = '{"url": "file:///tmp/rolecall.whl"}'
    assert origin.install_command("sandbox", read=lambda: facts, prefix=str(tmp_path)) == command


@pytest.mark.parametrize(
    ("file", "prefix", "kind"),
    [
        ("uv/CACHEDIR.TAG", "uv/archive-v0/x7", "throw-away"),
        ("pipx/3f/pipx_metadata.json", "pipx/3f", "throw-away"),
        ("venvs/rolecall/pipx_metadata.json", "venvs/rolecall", "lasting"),
        ("uv/tools/rolecall/uv-receipt.toml", "uv/tools/rolecall", "lasting"),
        ("shop/.venv/CACHEDIR.TAG", "shop/.venv", "lasting"),
    ],
    ids=["uvx", "pipx run", "pipx install", "uv tool install", "uv venv"],
)
def test_is_throw_away_when_a_tool_may_remove_the_environment_then_says_so(
    tmp_path: Path, file: str, prefix: str, kind: str
) -> None:
    """Whatever lies in an installer's cache; not what it installed, nor a project's `.venv`."""
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text("")
    assert origin.is_throw_away(str(tmp_path / prefix)) is (kind == "throw-away")
