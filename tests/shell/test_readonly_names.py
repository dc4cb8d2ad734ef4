"""A name in `.env` that a shell keeps for itself: one clear line, and no shell's error at each load."""

from collections.abc import Callable

import pytest

from rolecall.workstation.envfile import step as env_step
from rolecall.workstation.steps.step import Context
from support import write_env
from support.terminals import SHELLS, Rendered, Terminal

NAMES = (
    "UID",
    "EUID",
    "PPID",
    "BASHOPTS",
    "SHELLOPTS",
    "BASH_VERSINFO",
    "GID",
    "EGID",
    "status",
    "pipestatus",
    "argv",
    "TTYIDLE",
)


def test_cd_when_env_sets_readonly_names_then_the_rest_is_loaded_without_an_error(
    rendered: Rendered,
) -> None:
    """Everything else in `.env` is there, and nothing but rolecall's own line is said."""
    lines = "".join(f"{name}=7\n" for name in NAMES)
    write_env(rendered.root, f"{(rendered.root / '.env').read_text()}{lines}COLOUR=green\n")
    for _ in range(2):
        loaded = rendered.cd()
        assert loaded.exports["COLOUR"] == "green"
        assert "readonly variable" not in loaded.said
        (refused, _) = loaded.lines
        assert refused == f"rolecall: {', '.join(NAMES)} in .env are not set: each steers the shell"
        assert not set(NAMES) & set(loaded.exports)


@pytest.mark.parametrize("shell", SHELLS)
def test_terminal_when_env_sets_a_name_that_its_shell_keeps_then_loads_without_an_error(
    rendered: Rendered, open_terminal: Callable[[str], Terminal], shell: str
) -> None:
    """Zsh and fish have readonly names too."""
    lines = "".join(f"{name}=7\n" for name in NAMES)
    write_env(rendered.root, f"{(rendered.root / '.env').read_text()}{lines}COLOUR=green\n")
    terminal = open_terminal(shell)
    said = terminal.run(f"cd '{rendered.root}'") + terminal.run("true")
    assert (terminal.value("COLOUR"), terminal.value("ROLECALL_ROLE")) == ("green", "dev")
    assert "read-only variable" not in said
    assert "readonly variable" not in said


@pytest.mark.parametrize("shell", [*SHELLS, "tcsh"])
def test_terminal_when_env_sets_a_name_that_fish_keeps_then_only_fish_goes_without(
    rendered: Rendered, open_terminal: Callable[[str], Terminal], shell: str
) -> None:
    """`version` is an ordinary name elsewhere; fish hears why it has none."""
    write_env(rendered.root, f"{(rendered.root / '.env').read_text()}version=7\nhostname=8\nCOLOUR=green\n")
    terminal = open_terminal(shell)
    said = terminal.run(f"cd '{rendered.root}'") + terminal.run("true") + terminal.run("true")
    assert (terminal.value("COLOUR"), terminal.value("ROLECALL_ROLE")) == ("green", "dev")
    assert "read-only" not in said
    if shell == "fish":
        assert "version in .env is not set: fish keeps that name for itself" in said
    else:
        assert (terminal.value("version"), terminal.value("hostname")) == ("7", "8")


def test_plan_when_env_sets_a_readonly_name_then_named_with_its_line(rendered: Rendered) -> None:
    """Setup says which name, where, and why."""
    write_env(rendered.root, f"{(rendered.root / '.env').read_text()}\n\nUID=7\n")
    text = (rendered.root / ".env").read_text()
    number = text.splitlines().index("UID=7") + 1
    found = env_step.step(lambda _: None).check(Context(rendered.root))
    assert f".env:{number}: UID is not loaded: it steers the shell" in found.detail
