"""Many at once, and killed at any moment: one STS call, everybody served, no half-written file."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rolecall.credentials.store import cache
from support.sts_gate import Gate
from support.terminals import PATIENCE_SECONDS, Rendered, await_condition, change_constant

CROWD = 50
SYSCALLS = ("flock", "connect", "sendto", "recvfrom", "fsync", "utimensat", "rename", "unlink")


@pytest.mark.xdist_group("crowd")
def test_cd_when_fifty_shells_enter_cold_then_one_call_serves_all(rendered: Rendered, gate: Gate) -> None:
    """Fifty shells at once make one AssumeRole call and all get the same credentials.

    Each has four seconds; one that a busy machine keeps from running in them has its own at the next prompt.
    """
    shells = [start(rendered, "direnv", "export", "json") for _ in range(CROWD)]
    answers = [json.loads(shell.communicate(timeout=PATIENCE_SECONDS)[0]) for shell in shells]
    late = [answer for answer in answers if "AWS_SESSION_TOKEN" not in answer]
    served = [answer for answer in answers if answer not in late] + [rendered.cd().exports for _ in late]
    assert len({answer["AWS_SESSION_TOKEN"] for answer in served}) == 1
    assert gate.assumed == 1


@pytest.mark.xdist_group("crowd")
def test_cd_when_fifty_shells_enter_cold_then_one_starts_python(rendered: Rendered, tmp_path: Path) -> None:
    """The other forty-nine wait with next to nothing, and read what the one has published."""
    log = tmp_path / "starts"
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho start >>'{log}'\nexec '{sys.executable}' \"$@\"\n")
    python.chmod(0o755)
    change_constant(rendered, "python", str(python))
    shells = [start(rendered, "direnv", "export", "json") for _ in range(CROWD)]
    for shell in shells:
        shell.communicate(timeout=PATIENCE_SECONDS)
    assert log.read_text() == "start\n"


@pytest.mark.xdist_group("crowd")
def test_process_when_fifty_start_cold_then_one_call_serves_all(rendered: Rendered, gate: Gate) -> None:
    """Python's own lock keeps the promise where no shell stands before it: SDKs at `credential_process`."""
    words = (".venv/bin/python", "-m", "rolecall", "credential-process", "dev")
    processes = [start(rendered, *words) for _ in range(CROWD)]
    keys = {json.loads(process.communicate(timeout=120)[0])["SessionToken"] for process in processes}
    assert len(keys) == 1
    assert gate.assumed == 1


def test_assume_when_the_winner_is_killed_then_a_waiter_takes_over(rendered: Rendered, gate: Gate) -> None:
    """SIGKILL for the process that is at STS frees its lock; the next one fetches."""
    gate.mode = "hang"
    winner = start(rendered, ".venv/bin/invoke", "assume")
    assert gate.arrived.wait(PATIENCE_SECONDS)
    waiter = start(rendered, ".venv/bin/invoke", "assume")
    gate.mode = "pass"
    winner.kill()
    winner.communicate()
    _, said = waiter.communicate(timeout=PATIENCE_SECONDS)
    assert waiter.returncode == 0, said
    assert gate.assumed == 2


def test_cd_when_ten_shells_enter_and_sts_refuses_late_then_one_asks_and_nine_only_wait(
    rendered: Rendered, gate: Gate
) -> None:
    """Those that waited learn of the failure from the one that met it; none of them meets it again."""
    gate.mode, gate.after = "hang", "403"
    began = time.time()
    shells = [start(rendered, "direnv", "export", "json") for _ in range(10)]
    assert gate.arrived.wait(PATIENCE_SECONDS)
    await_condition(lambda: time.time() > began + 2)  # bash's clock, in whole seconds, has to move on
    gate.released.set()
    said = [shell.communicate(timeout=PATIENCE_SECONDS)[1] for shell in shells]
    assert gate.assumed == 1
    assert all(text.count("rolecall: ") == 1 for text in said)


def test_cd_when_the_fetching_shell_is_killed_then_the_next_one_fetches(
    rendered: Rendered, gate: Gate
) -> None:
    """A claim of a dead shell holds nobody up."""
    gate.mode = "hang"
    shell = start(rendered, "direnv", "export", "json")
    assert gate.arrived.wait(PATIENCE_SECONDS)
    os.killpg(shell.pid, signal.SIGKILL)
    shell.communicate()
    gate.mode = "pass"
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"


@pytest.mark.parametrize("claim", ["{pid} 1", "{pid}", "999999999 {now}", "x y"])
def test_cd_when_a_claim_is_void_then_fetches_at_once(rendered: Rendered, gate: Gate, claim: str) -> None:
    """A claim of long ago (its pid may be anybody's by now), of nobody, or of no sense, holds nobody up."""
    rendered.cd()
    rendered.session().unlink()
    text = claim.format(pid=os.getpid(), now=int(time.time()))
    (rendered.folder / "project.claim").write_text(f"{text}\n")
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"
    assert gate.assumed == 2


def test_cd_when_the_winner_is_stuck_then_others_wait_no_longer_than_their_deadline(
    rendered: Rendered, gate: Gate
) -> None:
    """A hanging fetch elsewhere ends in a line here, not in a hanging prompt."""
    gate.mode = "hang"
    by_hand = start(rendered, ".venv/bin/invoke", "assume")
    assert gate.arrived.wait(PATIENCE_SECONDS)
    loaded = rendered.cd()
    assert len(loaded.lines) == 1
    assert by_hand.poll() is None
    gate.released.set()
    by_hand.communicate(timeout=PATIENCE_SECONDS)
    assert gate.assumed == 1


# First and later occurrences of every system call that leaves a trace.
POINTS = [(call, occurrence) for call in SYSCALLS for occurrence in (1, 2, 4)]


@pytest.mark.parametrize(("call", "occurrence"), POINTS)
def test_assume_when_killed_at_any_system_call_then_files_are_whole(
    rendered: Rendered, gate: Gate, tmp_path: Path, call: str, occurrence: int
) -> None:
    """A kill at any moment leaves the old file or the new one, and the next cd gets a session."""
    old = rendered.cd().exports["AWS_SESSION_TOKEN"]
    rendered.move_times(expires=int(cache_time(rendered)) - 7200)
    inject = f"inject={call}:signal=KILL:when={occurrence}"
    words = ["strace", "-f", "-qq", "-o", str(tmp_path / "log"), "-e", f"trace={call}", "-e", inject]
    killed = start(rendered, *words, ".venv/bin/invoke", "assume", DIRENV_IN_ENVRC="1")
    killed.communicate(timeout=PATIENCE_SECONDS)
    entry = cache.read(rendered.place, "dev")
    assert entry is not None
    assert rendered.cd().exports["AWS_SESSION_TOKEN"] not in (None, old)
    assert gate.assumed <= 3
    await_condition(lambda: not list(rendered.folder.glob("*.claim")))


def start(rendered: Rendered, *words: str, **environ: str) -> subprocess.Popen[str]:
    """Start a program in the project, in a session of its own."""
    return subprocess.Popen(
        words,
        cwd=rendered.root,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def cache_time(rendered: Rendered) -> float:
    """Return the session's expiry as its file says."""
    found = re.search(r"(?m)^ROLECALL_EXPIRES=(\d+)$", rendered.session().read_text())
    assert found
    return float(found[1])
