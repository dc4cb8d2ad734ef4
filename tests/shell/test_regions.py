"""A region for a terminal: real bash, zsh and fish, real direnv, real STS."""

import json
from collections.abc import Callable

import pytest

from support.sts_gate import Gate
from support.terminals import PAIRS, SHELLS, Rendered, Terminal

Open = Callable[[str], Terminal]


@pytest.mark.parametrize(("either", "shell"), PAIRS, indirect=["either"])
def test_region_when_two_terminals_choose_then_each_has_its_own_and_sts_is_not_asked(
    either: Rendered, open_terminal: Open, gate: Gate, shell: str
) -> None:
    """A session's keys are the same in every region: one AssumeRole serves both terminals."""
    one, two = open_terminal(shell), open_terminal("bash")
    for terminal in (one, two):
        terminal.run(f"cd '{either.root}'")
    own = two.value("AWS_REGION")
    assert "eu-west-3 is this terminal's region" in one.run("invoke assume --region eu-west-3")
    two.run("invoke assume --region ap-southeast-2")
    for terminal, region in ((one, "eu-west-3"), (two, "ap-southeast-2")):
        assert terminal.value("AWS_REGION") == terminal.value("AWS_DEFAULT_REGION") == region
    two.run("invoke assume --region default")
    assert two.value("AWS_REGION") == own
    assert one.value("AWS_REGION") == "eu-west-3"
    assert gate.assumed == 1


@pytest.mark.parametrize("shell", SHELLS)
def test_region_when_chosen_then_stays_with_the_terminal_and_is_shown(
    rendered: Rendered, open_terminal: Open, shell: str
) -> None:
    """It stays when the terminal leaves and comes back, and with another role; `--unset` lets it go."""
    terminal = open_terminal(shell)
    terminal.run(f"cd '{rendered.root}'")
    own = terminal.value("AWS_REGION")
    terminal.run("invoke assume --role prod --region eu-west-3")
    terminal.run("cd /")
    assert terminal.value("AWS_REGION") == ""
    said = terminal.run(f"cd '{rendered.root}'") + terminal.run("true")
    assert "rolecall: prod · 444455556666 · eu-west-3 · " in said
    assert "prod · 444455556666 · eu-west-3 · until" in terminal.run("invoke assume --role prod")
    assert "eu-west-3, this terminal's region" in terminal.run("invoke status")
    rows = terminal.run("invoke status --json")
    assert {row["region"] for row in json.loads(rows[rows.index("[\r\n") : rows.rindex("]") + 1])} == {
        "eu-west-3"
    }
    assert terminal.value("AWS_REGION") == "eu-west-3"
    terminal.run("invoke assume --unset")
    assert (terminal.value("ROLECALL_ROLE"), terminal.value("AWS_REGION")) == ("dev", own)


def test_region_when_the_choice_is_read_then_no_program_starts(
    rendered: Rendered, open_terminal: Open, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A warm `cd` reads it with builtins: as many programs start as without a region."""
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    logs = tmp_path_factory.mktemp("logs")
    terminal.run("cd /")
    trace = f"strace -f -qq -e trace=execve -o '{logs}/%s' direnv export bash >/dev/null 2>&1"
    for name, command in (("without", "true"), ("with", "invoke assume --region eu-west-3")):
        terminal.run(f"cd '{rendered.root}'; {command}")
        terminal.run("true")
        terminal.run(f"env -u DIRENV_WATCHES -u DIRENV_DIFF -u DIRENV_FILE {trace % 'first'}")
        terminal.run(f"env -u DIRENV_WATCHES -u DIRENV_DIFF -u DIRENV_FILE {trace % name}")
    started = [(logs / name).read_text().count("= 0\n") for name in ("without", "with")]
    assert started[0] == started[1] > 0


@pytest.mark.parametrize(
    "text",
    ["\naws/eu-west-3", "\naws/eu-west-3\nmore\n", "\naws/eu$(id)\n", "\naws-cn/cn-north-1\n", "\n\n"],
    ids=["cut", "more", "odd", "another partition", "empty"],
)
def test_region_when_the_file_is_not_whole_then_there_is_none(
    rendered: Rendered, open_terminal: Open, text: str
) -> None:
    """Half of a choice is no choice, and a region of another partition none for this role."""
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    own = terminal.value("AWS_REGION")
    terminal.run("invoke assume --region eu-west-3")
    (chosen,) = (rendered.folder / "terminals").glob("*-*")
    chosen.write_text(text)
    terminal.run("cd /")
    terminal.run(f"cd '{rendered.root}'")
    assert (terminal.value("ROLECALL_ROLE"), terminal.value("AWS_REGION")) == ("dev", own)
