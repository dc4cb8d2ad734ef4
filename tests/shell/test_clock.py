"""Clocks that jump, forth and back: what was written by another time is void, and no change is missed."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from support.sts_gate import Gate
from support.terminals import Rendered

JUMPS = (3600, -3600, 40_000_000, -40_000_000)


@pytest.mark.parametrize("jump", JUMPS)
def test_cd_when_a_claim_is_of_another_time_then_nobody_waits_for_it(rendered: Rendered, jump: int) -> None:
    """Its process lives, and the clock was put forth or back since: it is nobody's claim."""
    rendered.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    claim = rendered.folder / "project.claim"
    claim.write_text(f"{os.getpid()} {int(time.time()) + jump}\n")
    rendered.cd()
    assert not claim.exists()  # whoever waits leaves it; a slow machine may have had no time left for AWS


@pytest.mark.parametrize("jump", JUMPS)
def test_cd_when_a_failure_is_of_another_time_then_it_is_tried_again(
    rendered: Rendered, gate: Gate, jump: int
) -> None:
    """It is remembered for half a minute, and not until a clock that was wrong says so."""
    gate.mode = "reset"
    rendered.cd()
    marker = rendered.folder / "dev.failed"
    until = int(time.time()) + 30 + jump
    times = marker.stat()
    marker.write_text(f"until={until}\nat={until - 30}.5\ncode=timeout\nsays=no answer\n")
    os.utime(marker, (times.st_atime, times.st_mtime))
    gate.mode = "pass"
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"


@pytest.mark.parametrize("jump", JUMPS)
def test_cd_when_env_is_written_by_another_time_then_it_is_read_once(
    rendered: Rendered, gate: Gate, jump: int
) -> None:
    """Another time is another file, older or newer; afterwards the session is warm again."""
    rendered.cd()
    env = rendered.root / ".env"
    env.write_text(f"{env.read_text()}GREETING=hello\n")
    os.utime(env, (time.time() + jump, time.time() + jump))
    for _ in range(2):
        assert rendered.cd().exports["GREETING"] == "hello"
    assert gate.assumed == 1


@pytest.mark.parametrize("jump", JUMPS)
def test_cd_when_the_index_is_written_by_another_time_then_the_pull_is_noticed(
    rendered: Rendered, jump: int
) -> None:
    """A pull while the clock is wrong brings a `.venv` no nearer to PATH."""
    real = (rendered.root / ".venv").resolve()
    git(real, "init", "-q")
    assert "/.venv/bin:" in str(rendered.cd().exports["PATH"])
    (real / "evil").write_text("")
    git(real, "add", "-f", "evil")
    os.utime(real / ".git/index", (time.time() + jump, time.time() + jump))
    loaded = rendered.cd()
    assert "/.venv/bin:" not in str(loaded.exports.get("PATH"))
    assert any("files from git" in line for line in loaded.lines)


def git(folder: Path, *words: str) -> None:
    """Run git in `folder`."""
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)
