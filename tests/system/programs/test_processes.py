"""Programs that are run, or cannot be: how that is told."""

import os
import signal
import stat
import sys
from pathlib import Path

import pytest

from rolecall.errors import MachineError
from rolecall.system.programs import processes

REPLACING = """
import sys
from rolecall.errors import MachineError
from rolecall.system.programs import processes
try:
    processes.replace(sys.argv[1:], environ={})
except MachineError as problem:
    print(problem.exit_code, problem.message, problem.hint, sep="\\n")
"""


@pytest.mark.parametrize(("name", "code"), [("no-such-program", 127), ("plain", 126)])
def test_replace_when_the_program_cannot_be_run_then_the_code_is_a_shells(
    tmp_path: Path, name: str, code: int
) -> None:
    """Scripts tell a missing program from one that is not executable by that.

    In a process of its own: SIGPIPE, set back for the program, would end the one that runs the tests.
    """
    (tmp_path / "plain").touch(mode=0o600)
    path = tmp_path / name
    done = processes.run([sys.executable, "-c", REPLACING, path])
    says, message, hint = done.out.splitlines()
    assert (int(says), hint) == (code, f"command -v {path}")
    assert message.startswith(f"cannot run {path}: ")


def test_run_when_it_ends_then_gives_both_streams_and_the_code(tmp_path: Path) -> None:
    """In the folder and environment that are given, with the text as its stdin."""
    words = ["sh", "-c", "cat; pwd >&2; printf $OWN; exit 3"]
    done = processes.run(words, environ={"OWN": "x", "PATH": os.defpath}, folder=tmp_path, text_in="in ")
    assert (done.code, done.out, done.err.strip(), done.is_ok) == (3, "in x", str(tmp_path), False)
    assert processes.run(["true"]).is_ok


def test_run_when_its_result_is_shown_then_no_stream_is() -> None:
    """A traceback or a log has the words, not what a program printed: that may be a secret."""
    done = processes.run(["sh", "-c", "echo hidden; echo unseen >&2"])
    assert "hidden" not in repr(done).partition("code=")[2]
    assert "unseen" not in repr(done).partition("code=")[2]


@pytest.mark.parametrize("is_in_session", [False, True])
def test_detach_when_started_then_a_ctrl_c_here_is_not_its(tmp_path: Path, *, is_in_session: bool) -> None:
    """In a session of its own, or in this one with a group of its own; it holds none of our descriptors."""
    log, (ours, theirs) = tmp_path / "log", os.pipe()
    os.set_inheritable(theirs, True)
    script = "import os; print(os.getsid(0), os.getpgid(0), os.getpid(), input(), flush=True)"
    words = [sys.executable, "-c", script]
    if is_in_session:
        pid = processes.detach(words, environ={}, log=log, text_in="said", is_in_session=True)
    else:
        pid = processes.detach(words, environ={}, log=log, text_in="said")
    os.close(theirs)
    assert os.read(ours, 1) == b""  # the end of the pipe: the program, still at work or not, has not got it
    os.close(ours)
    os.waitpid(pid, 0)
    session, group, own, said = log.read_text().split()
    assert (int(group), int(own), said) == (pid, pid, "said")
    assert int(session) == (os.getsid(0) if is_in_session else pid)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_run_when_it_hangs_or_is_missing_then_says_so() -> None:
    """It is killed at the end of its time."""
    with pytest.raises(MachineError, match="did not end within 0 s") as caught:
        processes.run(["sleep", "60"], timeout_seconds=0.05)
    assert caught.value.code == "program-hangs"
    with pytest.raises(MachineError, match="cannot run /no/such"):
        processes.run(["/no/such"])


@pytest.mark.parametrize(("script", "code"), [("exit 5", 5), ("kill -TERM $$", 128 + signal.SIGTERM)])
def test_stream_when_it_ends_then_the_code_is_what_a_shell_would_see(script: str, code: int) -> None:
    """Its stderr is handed on as it comes, its stdout where it is wanted."""
    out, err = bytearray(), bytearray()
    ended = processes.stream(
        ["sh", "-c", f"echo out; echo err >&2; {script}"], environ=os.environ, err=err.extend, out=out.extend
    )
    assert (ended, bytes(out), bytes(err)) == (code, b"out\n", b"err\n")
