"""The lock between processes: real processes, a real flock."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from rolecall.errors import MachineError
from rolecall.system.clock import Deadline
from rolecall.system.disk import locks

REFUSED = """
import sys
from rolecall.errors import MachineError
from rolecall.system.disk import locks
from rolecall.system.clock import Deadline
try:
    with locks.exclusive(sys.argv[1], deadline=Deadline.after(1)):
        print("held")
except MachineError as problem:
    print(problem.code, problem.hint, problem.message, sep=" | ")
"""
HOLD = """
import sys
from pathlib import Path
from rolecall.system.disk import locks
from rolecall.system.clock import Deadline
with locks.exclusive(Path(sys.argv[1]), deadline=Deadline.after(5)):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(path: Path) -> "subprocess.Popen[str]":
    """Start a process that holds the lock until its stdin closes."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_exclusive_when_another_process_holds_it_then_says_so_and_gives_up_at_the_deadline(
    tmp_path: Path,
) -> None:
    """The waiter is told once, and ends with an error at its own deadline."""
    process, waits = holder(tmp_path / "lock"), []
    now = iter(range(100))
    deadline = Deadline(3, clock=lambda: next(now))
    slept: list[float] = []
    with (
        pytest.raises(locks.LockBusyError, match="another process holds lock") as caught,
        locks.exclusive(
            tmp_path / "lock", deadline=deadline, on_wait=lambda: waits.append(1), sleep=slept.append
        ),
    ):
        pytest.fail("two holders")
    process.communicate()
    assert (waits, caught.value.hint) == ([1], "invoke assume")
    assert len(slept) == 3
    assert all(0 < seconds <= 0.1 for seconds in slept)


def test_exclusive_when_it_ends_then_the_file_is_private_and_free(tmp_path: Path) -> None:
    """Nobody else can hold up a person's sessions; the file stays, so that all wait at the same one."""
    path = tmp_path / "lock"
    for _ in range(2):
        with locks.exclusive(path, deadline=Deadline.after(0)):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == b""


def test_exclusive_when_the_file_cannot_be_opened_then_says_which_and_why(tmp_path: Path) -> None:
    """Neither where the folder is no folder, nor where the file is a link to another one."""
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "file")
    for path, why in ((tmp_path / "file/lock", "Not a directory"), (tmp_path / "link", "symbolic links")):
        with (
            pytest.raises(MachineError, match=f"cannot write {path}: .*{why}") as caught,
            locks.exclusive(path, deadline=Deadline.after(0)),
        ):
            pytest.fail("a lock on nothing")
        assert caught.value.code == "file-unwritable"


def test_exclusive_when_the_holder_is_killed_then_the_waiter_has_it(tmp_path: Path) -> None:
    """The kernel frees the lock of a dead process; the file stays."""
    process = holder(tmp_path / "lock")
    with locks.exclusive(tmp_path / "lock", deadline=Deadline.after(30), on_wait=process.kill):
        assert process.wait(30) == -9
    process.communicate()
    assert (tmp_path / "lock").exists()


def test_exclusive_when_the_file_system_has_no_locks_then_says_so(
    tmp_path: Path,
) -> None:
    """A home on NFS without its lock service is no bug of ours. The kernel itself gives that answer here."""
    inject = ["-e", "trace=flock", "-e", "inject=flock:error=ENOLCK"]
    traced = ["strace", "-f", "-qq", "-o", str(tmp_path / "log"), *inject]
    done = subprocess.run(
        [*traced, sys.executable, "-c", REFUSED, str(tmp_path / "lock")],
        capture_output=True,
        text=True,
        check=True,
    )
    says = f"cannot lock {tmp_path}/lock: No locks available; XDG_RUNTIME_DIR or XDG_CACHE_HOME may name"
    assert done.stdout.startswith(f"lock-unsupported | df {tmp_path} | {says}"), done.stdout


def test_exclusive_when_it_gives_up_then_no_descriptor_is_left(tmp_path: Path) -> None:
    """A process that asks again and again would run out of them."""
    with locks.exclusive(tmp_path / "lock", deadline=Deadline.after(0)):
        before = len(list(Path("/proc/self/fd").iterdir()))
        with (
            pytest.raises(locks.LockBusyError),
            locks.exclusive(tmp_path / "lock", deadline=Deadline.after(0)),
        ):
            pytest.fail("two holders")
        assert len(list(Path("/proc/self/fd").iterdir())) == before
