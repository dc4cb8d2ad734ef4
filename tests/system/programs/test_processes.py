"""Programs that are run, or cannot be: how that is told."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from rolecall.errors import MachineError
from rolecall.system.programs import processes


@pytest.fixture
def _signals_are_kept() -> Iterator[None]:
    """Give this process back the signals that `replace` resets for the program."""
    numbers = (signal.SIGPIPE, signal.SIGXFSZ)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_signals_are_kept")
@pytest.mark.parametrize(("name", "code"), [("no-such-program", 127), ("plain", 126)])
def test_replace_when_the_program_cannot_be_run_then_the_code_is_a_shells(
    tmp_path: Path, name: str, code: int
) -> None:
    """Scripts tell a missing program from one that is not executable by that."""
    (tmp_path / "plain").touch(mode=0o600)
    with pytest.raises(MachineError, match=f"cannot run .*{name}") as caught:
        processes.replace([str(tmp_path / name)], environ={})
    assert caught.value.exit_code == code
    assert caught.value.hint == f"command -v {tmp_path / name}"


def test_run_when_it_ends_then_gives_both_streams_and_the_code(tmp_path: Path) -> None:
    """In the folder and environment that are given, with the text as its stdin."""
    words = ["sh", "-c", "cat; pwd >&2; printf $OWN; exit 3"]
    done = processes.run(words, environ={"OWN": "x", "PATH": os.defpath}, folder=tmp_path, text_in="in ")
    assert (done.code, done.out, done.err.strip(), done.is_ok) == (3, "in x", str(tmp_path), False)
    assert processes.run(["true"]).is_ok


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
