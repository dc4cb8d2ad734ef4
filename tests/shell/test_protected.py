"""A protected role: typed by its name, in this terminal only, never on `cd`, never renewed silently."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support import ROLES_TOML
from support.sts_gate import Gate
from support.terminals import PATIENCE_SECONDS, Rendered, Terminal

ROLES = ROLES_TOML.replace('role/prod"\n', 'role/prod"\nprotected = true\n')
Open = Callable[[str], Terminal]


@pytest.fixture
def guarded(make_rendered: Callable[..., Rendered], tmp_path: Path) -> Rendered:
    """Render a project whose prod is protected."""
    return make_rendered(tmp_path / "shop", roles=ROLES)


def take_prod(terminal: Terminal, *, typed: str) -> str:
    """Type `invoke assume --role prod`, answer its question, and return what it said."""
    terminal.child.sendline("invoke assume --role prod")
    terminal.child.expect("Type its name to take it: ")
    terminal.child.sendline(typed)
    return terminal.run("true")


def test_protected_when_its_name_is_typed_then_only_this_terminal_has_it(
    guarded: Rendered, open_terminal: Open
) -> None:
    """The person who typed it has it; another terminal that names it gets a line, not the role."""
    one = open_terminal("bash")
    one.run(f"cd '{guarded.root}'")
    take_prod(one, typed="prod")
    assert one.value("ROLECALL_ROLE") == "prod"
    loaded = guarded.cd(ROLECALL_ROLE="prod")
    assert "AWS_SESSION_TOKEN" not in loaded.exports
    assert loaded.lines == [
        "rolecall: role prod is protected: it is taken by hand only (invoke assume --role prod)"
    ]


def test_protected_when_anything_else_is_typed_then_is_not_taken(
    guarded: Rendered, open_terminal: Open
) -> None:
    """A yes is not its name."""
    terminal = open_terminal("bash")
    terminal.run(f"cd '{guarded.root}'")
    assert "was not taken" in take_prod(terminal, typed="y")
    assert terminal.value("ROLECALL_ROLE") == "dev"


def test_protected_when_it_expires_then_is_gone_and_nobody_renews_it(
    guarded: Rendered, open_terminal: Open, gate: Gate
) -> None:
    """Near its end it is kept while valid and renewed by nobody; after it, it is gone."""
    terminal = open_terminal("bash")
    terminal.run(f"cd '{guarded.root}'")
    take_prod(terminal, typed="prod")
    assert terminal.value("ROLECALL_ROLE") == "prod"
    asked = gate.assumed
    guarded.move_times("prod", expires=int(time.time()) + 300, renew_at=1)
    terminal.run("export ROLECALL_RENEW_AT=1")
    assert terminal.value("ROLECALL_ROLE") == "prod"
    guarded.move_times("prod", expires=int(time.time()) - 5)
    terminal.run("export ROLECALL_RENEW_AT=1")
    assert terminal.value("ROLECALL_ROLE") == ""
    assert terminal.value("AWS_SESSION_TOKEN") == ""
    assert gate.assumed == asked


def test_protected_when_nobody_can_answer_then_is_refused(guarded: Rendered) -> None:
    """A script cannot take it."""
    done = subprocess.run(
        [".venv/bin/invoke", "assume", "--role", "prod"],
        cwd=guarded.root,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        start_new_session=True,
        check=False,
    )
    assert done.returncode == 2
    assert "nobody can answer here" in done.stderr
