"""The command that installs more of rolecall names the place it came from, never an index."""

import shlex
import sys
from importlib import metadata
from pathlib import Path

import pytest

from rolecall.system.python import origin
from rolecall.system.python.version import VERSION


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


REPOSITORY = '{"url": "https://git.example/r", "vcs_info": {"vcs": "git", "commit_id": "abc123"}}'
ADDRESS = '{"url": "https://pages.example/r.whl", "archive_info": {}}'
FOLDER = '{"url": "file:///r%20call", "dir_info": {}}'
NOWHERE = [None, "{}", "not json", "[]", '{"vcs_info": {"vcs": "git"}, "url": "x"}', '{"url": ""}']


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        (REPOSITORY, "git+https://git.example/r@abc123"),
        (ADDRESS, "https://pages.example/r.whl"),
        (FOLDER, "'/r call'"),
    ],
)
def test_install_command_when_nothing_more_is_wanted_then_is_the_place_itself(
    facts: str, wanted: str
) -> None:
    """With the pip of the Python that runs."""
    command = origin.install_command(read=lambda: facts, prefix="/nowhere")
    assert command == f"{shlex.quote(sys.executable)} -m pip install {wanted}"


@pytest.mark.parametrize(
    ("facts", "place", "requirement"),
    [
        (REPOSITORY, "git+https://git.example/r@abc123", "rolecall @ git+https://git.example/r@abc123"),
        (ADDRESS, "https://pages.example/r.whl", "rolecall @ https://pages.example/r.whl"),
        (FOLDER, "'/r call'", ""),
    ],
)
def test_run_command_and_requirement_when_the_place_is_known_then_name_it(
    tmp_path: Path, facts: str, place: str, requirement: str
) -> None:
    """In the way that this environment was made; a folder of this machine is no use to a colleague."""
    prefix = str(tmp_path)
    assert origin.requirement(read=lambda: facts) == requirement
    assert origin.run_command(read=lambda: facts, prefix=prefix) == f"uvx --from {place} rolecall"
    (tmp_path / "pipx_metadata.json").touch()
    assert origin.run_command(read=lambda: facts, prefix=prefix) == f"pipx run --spec {place} rolecall"


@pytest.mark.parametrize("facts", NOWHERE)
def test_run_command_and_requirement_when_the_place_is_not_known_then_there_is_none(
    facts: str | None,
) -> None:
    """What came from an index is named by its version: the index is the one that its owner set up."""
    assert origin.run_command(read=lambda: facts) == ""
    by_version = f"rolecall>={VERSION}" if facts in (None, "{}") else ""
    assert origin.requirement(read=lambda: facts) == by_version


def test_place_when_nobody_says_how_then_the_installation_is_asked() -> None:
    """The one that these tests run in."""
    facts = metadata.distribution("rolecall").read_text("direct_url.json")
    for ask in (origin.install_command, origin.run_command, origin.requirement):
        assert ask() == ask(read=lambda: facts)


@pytest.mark.parametrize("facts", NOWHERE)
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
    bare = command.replace("[sandbox]", "")
    assert origin.install_command(read=lambda: facts, prefix=str(tmp_path)) == bare
    from_git = command.replace("file:///tmp/rolecall.whl", "git+https://git.example/r@abc123")
    assert origin.install_command("sandbox", read=lambda: REPOSITORY, prefix=str(tmp_path)) == from_git


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
