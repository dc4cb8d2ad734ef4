"""The picker of `assume`, on a real terminal and without one."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from support.invoked import invoke


def spawn(root: Path, **more: str) -> "pexpect.spawn[str]":
    """Type `invoke assume` on a terminal of 60 columns."""
    words = ["-m", "invoke", "assume"]
    environ = {**os.environ, "TERM": "xterm", **more}
    return pexpect.spawn(
        sys.executable, words, cwd=str(root), env=environ, encoding="utf-8", dimensions=(24, 60), timeout=60
    )


@pytest.fixture
def picker(shop: Path) -> Iterator["pexpect.spawn[str]"]:
    """Open the picker."""
    child = spawn(shop)
    child.expect(r"Take which role\?")
    yield child
    child.close(force=True)


def test_assume_when_a_role_is_picked_then_it_is_taken(picker: "pexpect.spawn[str]") -> None:
    """Type a part of it, and Enter."""
    picker.send("444455\r")
    picker.expect("prod · 444455556666 · until")


def test_assume_when_left_with_escape_then_nothing_changes(picker: "pexpect.spawn[str]", home: Path) -> None:
    """No session, no choice."""
    picker.send("\x1b")
    picker.expect("nothing was changed")
    picker.expect(pexpect.EOF)
    assert not list(home.rglob("*.env"))


def test_assume_when_the_terminal_is_dumb_then_the_name_is_asked_for(shop: Path) -> None:
    """A terminal that cannot move its cursor shows the list once."""
    child = spawn(shop, TERM="dumb")
    child.expect(r"Take which role\? \[dev\]: ")
    child.sendline("prod")
    child.expect("prod · 444455556666 · until")
    child.close(force=True)


def test_assume_when_there_is_no_terminal_then_the_flag_is_named(shop: Path) -> None:
    """A script gets this terminal's role, and hears how to name another."""
    done = invoke(shop, "assume")
    assert done.returncode == 0
    assert "name one with --role" in done.stderr


def test_picker_when_a_role_was_taken_last_then_it_comes_first(shop: Path) -> None:
    """Whoever goes back and forth between two roles presses Enter."""
    assert invoke(shop, "assume", "--role", "prod").returncode == 0
    child = spawn(shop)
    child.expect(r"> prod +444455556666 +(59m|1h00m) left")
    child.close(force=True)
