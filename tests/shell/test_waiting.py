"""A `cd` that waits for another shell: four seconds are four seconds, and what is said then is true."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from support.sts_gate import Gate
from support.terminals import Rendered, Terminal

Claim = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def claim(rendered: Rendered) -> Iterator[Claim]:
    """Return a function that lets a process hold the claim for so many seconds, like a shell that fetches."""
    holders: list[subprocess.Popen[bytes]] = []

    def hold(seconds: str) -> "subprocess.Popen[bytes]":
        holder = subprocess.Popen(["/bin/sleep", seconds])
        holders.append(holder)
        rendered.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (rendered.folder / "project.claim").write_text(f"{holder.pid} {int(time.time())}\n")
        return holder

    yield hold
    for holder in holders:
        holder.kill()
        holder.wait()


def test_cd_when_the_shell_before_it_is_interrupted_late_then_the_whole_takes_four_seconds(
    rendered: Rendered, gate: Gate, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine, too: there a wait of 0.2 s takes twice as long, and Python a second more."""
    slow = rendered.root.parent / "slow"
    slow.mkdir()
    (slow / "sleep").write_text("#!/bin/sh\nexec /bin/sleep 0.4\n")
    (slow / "sleep").chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow}{os.pathsep}{os.environ['PATH']}")
    gate.mode = "hang"
    claim("30")
    began = time.monotonic()
    loaded = rendered.cd()
    assert time.monotonic() - began < 4
    assert len(loaded.lines) == 1
    assert "another shell is still getting this session" in loaded.lines[0]


def test_prompt_when_another_shell_was_late_then_looks_again_as_it_said(
    rendered: Rendered, claim: Claim, open_terminal: Callable[[str], Terminal]
) -> None:
    """Enter changes something: once the other shell is gone, the next prompt has the role."""
    holder = claim("30")
    terminal = open_terminal("bash")
    said = terminal.run(f"cd '{rendered.root}'") + terminal.run("true")
    assert "the next prompt looks again" in said
    holder.kill()
    holder.wait()
    terminal.run("true")
    assert terminal.value("ROLECALL_ROLE") == "dev"
