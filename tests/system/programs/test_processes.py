"""Programs that are run, or cannot be: how that is told."""

import os
import shutil
import signal
import stat
import sys
import threading
import traceback
import warnings
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
    with pytest.raises(MachineError, match=r"^sleep did not end within 0 s$") as caught:
        processes.run(["sleep", "60"], timeout_seconds=0.05)
    assert caught.value.code == "program-hangs"
    with pytest.raises(MachineError, match="cannot run /no/such") as missing:
        processes.run(["/no/such"])
    assert missing.value.code == "program-missing"
    environ: dict[str, str] = {}
    with pytest.raises(MachineError, match="cannot run /no/such"):
        processes.detach(["/no/such"], environ=environ)
    with pytest.raises(MachineError, match="cannot run /no/such"):
        processes.stream(["/no/such"], environ=environ, err=bytearray().extend)


def test_find_when_there_is_such_a_program_then_is_its_file(tmp_path: Path) -> None:
    """From the path that is given, else from PATH; a file that cannot be run is none."""
    assert processes.find("sh") == Path(shutil.which("sh") or "")
    (tmp_path / "own").touch(mode=0o600)
    assert processes.find("own", path=str(tmp_path)) is None
    (tmp_path / "own").chmod(0o700)
    assert processes.find("own", path=str(tmp_path)) == tmp_path / "own"
    assert processes.find("own") is None


def test_run_when_nothing_is_said_then_has_our_environment_and_no_stdin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is no UTF-8 is shown in place, and is no crash; `replace` hands on every signal's default."""
    monkeypatch.setenv("OWN", "x")
    done = processes.run(["sh", "-c", "echo $OWN; cat; printf '\\377' >&2"])
    assert (done.out, done.err, done.argv[0]) == ("x\n", "\ufffd", "sh")
    assert processes.run(["sh", "-c", "echo $OWN"], environ={"PATH": os.defpath}).out == "\n"


def test_replace_when_it_becomes_a_program_then_broken_pipes_end_that() -> None:
    """Python ignores two signals, and a program would inherit that."""
    script = ["sh", "-c", "grep SigIgn /proc/self/status; echo $OWN"]
    environ = {"OWN": "x", "PATH": os.defpath}
    code = f"from rolecall.system.programs import processes; processes.replace({script}, environ={environ})"
    done = processes.run([sys.executable, "-c", code])
    ignored = int(done.out.split()[1], 16)
    assert not ignored & (1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1)
    assert done.out.endswith("\nx\n")


def test_detach_when_a_descriptor_is_passed_then_it_holds_that() -> None:
    """A lock, for as long as it lives; without a log, what it says goes nowhere."""
    ours, theirs = os.pipe()
    script = f"import os; os.write({theirs}, os.environ['OWN'].encode()); print('unseen')"
    pid = processes.detach([sys.executable, "-c", script], environ={"OWN": "x"}, passed=[theirs])
    os.close(theirs)
    assert os.read(ours, 10) == b"x"
    assert os.waitpid(pid, 0)[1] == 0
    os.close(ours)


def test_detach_when_it_ends_before_it_reads_then_that_is_no_error_of_ours(tmp_path: Path) -> None:
    """Its caller sees how it ended; a log goes on where it was."""
    log = tmp_path / "log"
    log.write_text("before\n")
    pid = processes.detach(["sh", "-c", "exec <&-; echo after"], environ={}, log=log, text_in="x" * 60_000)
    os.waitpid(pid, 0)
    assert log.read_text() == "before\nafter\n"


def test_stream_when_who_takes_it_fails_then_the_program_goes_on() -> None:
    """A full pipe would hold it up for ever."""

    def fail(_chunk: bytes) -> None:
        raise OSError

    words = ["sh", "-c", "head -c 300000 /dev/zero >&2; exit 4"]
    assert processes.stream(words, environ={"PATH": os.defpath}, err=fail) == 4


@pytest.mark.parametrize(("script", "code"), [("exit 5", 5), ("kill -TERM $$", 143), ("kill -HUP $$", 129)])
def test_stream_when_it_ends_then_the_code_is_what_a_shell_would_see(script: str, code: int) -> None:
    """Its stderr is handed on as it comes, its stdout where it is wanted."""
    out, err = bytearray(), bytearray()
    ended = processes.stream(
        ["sh", "-c", f"echo out; echo err >&2; {script}"], environ=os.environ, err=err.extend, out=out.extend
    )
    assert (ended, bytes(out), bytes(err)) == (code, b"out\n", b"err\n")


def test_stream_when_a_program_leaves_another_behind_then_its_words_are_handed_on_too() -> None:
    """Until both have let go of stderr: what is said last is often the cause."""
    err = bytearray()
    words = ["sh", "-c", "(sleep 0.1; echo late >&2) & exit 0"]
    assert processes.stream(words, environ={"PATH": os.defpath}, err=err.extend) == 0
    assert bytes(err) == b"late\n"


def test_stream_when_nobody_takes_its_stdout_then_that_is_ours(capfd: pytest.CaptureFixture[str]) -> None:
    """With the environment that is given, on our stdin, and no more."""
    err = bytearray()
    script = 'echo "${OWN-none} ${HOME-none}"; echo err >&2'
    assert (
        processes.stream(["sh", "-c", script], environ={"OWN": "x", "PATH": os.defpath}, err=err.extend) == 0
    )
    assert (capfd.readouterr(), bytes(err)) == (("x none\n", ""), b"err\n")


def functions_of(thread: int) -> set[str]:
    """Return the names of what a thread is in just now."""
    return {frame.name for frame in traceback.extract_stack(sys._current_frames()[thread])}


def test_stream_when_ctrl_c_is_pressed_then_the_program_decides_how_it_ends(tmp_path: Path) -> None:
    """It has had the signal as well: an editor, or a server that shuts down in order."""
    err, fifo, ours = bytearray(), tmp_path / "fifo", threading.get_ident()
    os.mkfifo(fifo)

    def interrupt(chunk: bytes) -> None:
        err.extend(chunk)
        if bytes(err) == b"ready\n":
            while "_wait" not in functions_of(ours):
                os.sched_yield()
            signal.pthread_kill(ours, signal.SIGINT)
            fifo.write_text("go on")

    script = f"exec >&2; echo ready; read line <{fifo}; echo tidied; exit 7"
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        code = processes.stream(["sh", "-c", script], environ={"PATH": os.defpath}, err=interrupt)
    except KeyboardInterrupt:
        pytest.fail("the program was left behind")
    finally:
        signal.signal(signal.SIGINT, before)
    assert (code, bytes(err)) == (7, b"ready\ntidied\n")


def descriptors() -> int:
    """Return how many this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_detach_when_it_is_started_then_nothing_of_it_is_left_with_us(tmp_path: Path) -> None:
    """No descriptor, and no warning about a child that nobody waited for; both its streams are in the log."""
    log, before = tmp_path / "log", descriptors()
    words = ["sh", "-c", "echo out; echo err >&2"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pid = processes.detach(words, environ={}, log=log, text_in="")
        assert descriptors() == before
        with pytest.raises(MachineError):
            processes.detach(["/no/such"], environ={}, log=log)
        assert descriptors() == before
    os.waitpid(pid, 0)
    assert log.read_text() == "out\nerr\n"
