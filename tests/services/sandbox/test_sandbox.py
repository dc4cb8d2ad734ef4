"""One sandbox for each project: started once, found again, ended, and nobody else's process touched."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from rolecall.credentials.store import cache
from rolecall.errors import MachineError
from rolecall.services.sandbox import process
from rolecall.services.sandbox import sandbox as service
from rolecall.services.sandbox.sandbox import Sandbox
from rolecall.system.person import terminal
from support import write_env
from support.credentials import place_of
from support.sandbox_client import client


@pytest.fixture
def running(root: Path) -> Sandbox:
    """Start a sandbox, its values in the project's `.env`."""
    box = service.start(root)
    write_env(root, "".join(f"{name}={value}\n" for name, value in box.values.items()))
    return box


@pytest.fixture
def stranger() -> Iterator["subprocess.Popen[bytes]"]:
    """Start a process that is none of ours."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


# Starting.


def test_start_when_running_then_returns_the_same_process(root: Path, running: Sandbox) -> None:
    """Starting twice starts once."""
    again = service.start(root)

    assert (running.pid, dict(running.values)) == (again.pid, dict(again.values))


def test_start_when_stopped_before_then_keeps_what_env_says(root: Path, running: Sandbox) -> None:
    """After a reboot the address and the keys in `.env` are true again."""
    service.stop(root)

    again = service.start(root)

    assert dict(running.values) == dict(again.values)
    assert client(again, "sts").get_caller_identity()["Arn"].endswith(":user/developer")


def test_start_when_stopped_before_then_drops_the_old_sessions(root: Path, running: Sandbox) -> None:
    """The new STS does not know the old one's sessions: nobody is to be handed one."""
    session = Path(cache.session_path(place_of(root), "dev"))
    session.parent.mkdir(parents=True)
    session.write_text("ROLECALL_ROLE=dev\n")
    service.stop(root)

    service.start(root)

    assert not session.exists()


def test_start_when_env_holds_an_accounts_keys_then_never_takes_them(root: Path) -> None:
    """The real secret is not handed to the sandbox."""
    write_env(root, "AWS_ACCESS_KEY_ID=AKIAREALREALREALREAL\nAWS_SECRET_ACCESS_KEY=real\n")

    box = service.start(root)

    assert box.values["AWS_ACCESS_KEY_ID"] != "AKIAREALREALREALREAL"


def test_start_when_secret_is_lost_then_makes_new_keys(root: Path) -> None:
    """Where no `.env` was written after the first start, the second brings a new secret instead of none."""
    first = service.start(root)

    second = service.start(root)

    assert first.values["AWS_ACCESS_KEY_ID"] != second.values["AWS_ACCESS_KEY_ID"]
    assert client(second, "sts").get_caller_identity()["Arn"].endswith(":user/developer")


def test_start_when_roles_were_added_then_knows_them(root: Path, running: Sandbox) -> None:
    """A role added to roles.toml is there after the next start, `.env` unchanged."""
    arn = "arn:aws:iam::111122223333:role/team/audit"

    box = service.start(root, {**service.SAMPLE, "audit": arn})

    assert dict(running.values) == dict(box.values)
    assert client(box, "sts").assume_role(RoleArn=arn, RoleSessionName="me@shop")["Credentials"]


def test_start_when_port_is_taken_then_uses_another(root: Path, running: Sandbox) -> None:
    """Somebody else's server on our old port stays undisturbed."""
    service.stop(root)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", int(running.url.rpartition(":")[2])))
        other.listen()

        box = service.start(root)

    assert running.url != box.url
    assert client(box, "sts").get_caller_identity()["Arn"].endswith(":user/developer")


def test_start_when_many_start_at_once_then_runs_one(root: Path, running: Sandbox) -> None:
    """Three terminals that start it together share one process."""
    service.stop(root)
    with ThreadPoolExecutor() as pool:
        started = list(pool.map(service.start, [root] * 3))

    assert {box.pid for box in started} == {started[0].pid}


def test_start_when_done_then_the_secret_is_in_no_argv_environment_or_file(
    root: Path, running: Sandbox
) -> None:
    """The secret is in `.env` and in the process's memory, nowhere else."""
    secret = running.values["AWS_SECRET_ACCESS_KEY"].encode()
    state = process.record_path(root).parent
    running_at = Path("/proc") / str(running.pid)

    places = [*(path for path in state.iterdir()), running_at / "cmdline", running_at / "environ"]

    assert [path.name for path in places if secret in path.read_bytes()] == []
    assert {0o600} == {path.stat().st_mode & 0o777 for path in state.iterdir()}
    assert secret.decode() not in repr(running)


def test_start_when_done_then_its_process_holds_none_of_our_descriptors(root: Path) -> None:
    """It outlives the task, and direnv, which waits for the end of fd 3, does not wait for it."""
    ours, theirs = os.pipe()
    os.set_inheritable(theirs, True)

    box = service.start(root)

    pipe = Path(f"/proc/self/fd/{ours}").readlink()
    held = [path.readlink() for path in Path(f"/proc/{box.pid}/fd").iterdir() if path.is_symlink()]
    os.close(ours)
    os.close(theirs)
    assert pipe not in held
    assert box.pid == os.getsid(box.pid)
    assert Path(f"/proc/{box.pid}/cwd").readlink() == Path("/")


def test_start_when_moto_dies_then_says_why_and_where_to_look(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A launcher that ends at once is an error with the log's last line, not a hang."""
    monkeypatch.setattr(process, "MODULE", "rolecall.services.sandbox.nonesuch")

    with pytest.raises(MachineError, match="nonesuch") as failed:
        service.start(root)

    assert failed.value.hint.endswith("sandbox.log")


def test_start_when_it_works_then_says_what_it_does(root: Path) -> None:
    """A person never wonders whether it hangs."""
    said: list[str] = []

    service.start(root, say=said.append)

    assert said
    assert said[0].startswith("starting the sandbox on 127.0.0.1:")


# Stopping, and the record of what runs.


def test_stop_when_running_then_ends_it(root: Path, running: Sandbox) -> None:
    """It ends by itself when stopped, and stopping twice is no error."""
    assert (service.stop(root), service.stop(root)) == (True, False)
    assert service.running(root) is None


@pytest.mark.parametrize("what", ["started", "command"])
def test_stop_when_pid_was_reused_then_leaves_the_stranger_alone(
    root: Path, stranger: "subprocess.Popen[bytes]", what: str, running: Sandbox
) -> None:
    """A process with the recorded pid but another start or another command is not ours."""
    begun = terminal.started_at(stranger.pid) or ""
    pid, started = (running.pid, "1") if what == "started" else (stranger.pid, begun)
    real = process.read(root)
    assert real
    process.write(root, replace(real, pid=pid, started=started))

    stopped = service.stop(root)

    process.write(root, real)
    assert not stopped
    assert stranger.poll() is None
    assert process.is_running(real)


def test_end_when_it_ignores_sigterm_then_kills_it(root: Path, running: Sandbox) -> None:
    """A sandbox that is stopped (SIGSTOP) cannot act on SIGTERM, and is ended all the same."""
    record = process.read(root)
    assert record
    os.kill(record.pid, signal.SIGSTOP)

    assert process.end(record, patience_seconds=0.2)
    assert not process.is_running(record)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": "x"}'])
def test_read_when_record_is_not_whole_then_finds_none(root: Path, text: str) -> None:
    """A record cut short is no sandbox, and no crash."""
    path = process.record_path(root)
    path.parent.mkdir(parents=True)
    path.write_text(text)

    assert process.read(root) is None
