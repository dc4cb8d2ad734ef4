"""A program is found, and its version read."""

import pytest

from rolecall.workstation.programs import catalogue
from rolecall.workstation.programs import tool as tools
from rolecall.workstation.programs.tool import look
from support import fake_workstation as fakes

TABLE = (*catalogue.REQUIRED, *catalogue.ON_REQUEST)


@pytest.mark.parametrize(
    ("name", "says", "version"),
    [
        ("git", "git version 2.39.5 (Apple Git-154)", (2, 39, 5)),
        ("bash", "GNU bash, version 3.2.57(1)-release (arm64-apple-darwin23)", (3, 2, 57)),
        ("direnv", "2.32.1", (2, 32, 1)),
        ("aws", "aws-cli/2.9.19 Python/3.11.2 Linux/6.1.0 source/x86_64.debian.12", (2, 9, 19)),
        ("aws", "aws-cli/1.45.11 Python/3.11.7 Linux/6.18 botocore/1.43.11", (1, 45, 11)),
        ("jq", "jq-1.6", (1, 6)),
        ("jq", "jq-1.7.1-apple", (1, 7, 1)),
        ("session-manager-plugin", "1.2.835.0", (1, 2, 835, 0)),
    ],
)
def test_look_when_a_tool_prints_its_version_then_reads_it(
    machine: fakes.Machine, name: str, says: str, version: tools.Version
) -> None:
    """As the real ones print it; a Python's version beside the CLI's is not taken for it."""
    machine.add_tool(name, says)
    tool = next(tool for tool in TABLE if tool.name == name)
    assert look(tool, environ=machine.environ).version == version


def test_look_when_a_program_does_not_start_then_it_is_too_old(machine: fakes.Machine) -> None:
    """A file of another machine, or half a download, is not there as far as setup is concerned."""
    broken = machine.folder / "direnv"
    broken.write_bytes(b"\x7fELF-not-really")
    broken.chmod(0o755)
    assert not look(catalogue.DIRENV, environ=machine.environ).meets((2, 32))


def test_look_when_direnv_uses_another_bash_then_takes_that_one(machine: fakes.Machine) -> None:
    """Homebrew's direnv has a bash of its own built in: that one counts, not the first on PATH."""
    machine.add_tool("bash", "GNU bash, version 3.1.0(1)-release")
    other = machine.add_tool("bash", "GNU bash, version 5.2.15(1)-release", folder=machine.home / "cellar")
    machine.add_tool("direnv", f"direnv exec path /x\nbash_path {other}\nwarn_timeout 5s")
    found = look(catalogue.BASH, environ=machine.environ)
    assert (found.path, found.version) == (other, (5, 2, 15))
