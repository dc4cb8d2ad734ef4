"""`invoke debug -- aws …`, with a stand-in for the AWS CLI that logs through the real botocore."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from io import FileIO
from pathlib import Path

import pytest

from rolecall.credentials.model import Session
from rolecall.credentials.store import cache
from rolecall.services.debug_log import run as debug_log
from rolecall.system.disk import paths
from support import Sts
from support.credentials import place_of

Invoke = Callable[..., "subprocess.CompletedProcess[bytes]"]

# A shebang line cannot hold a path with a space: sh reads the second line, Python takes it for a string.
AWS = f"""#!/bin/sh
'''exec' '{sys.executable}' "$0" "$@"
' '''
# What `aws --debug` does: botocore's own debug log on stderr, the answer on stdout.
import os, signal, sys
import botocore.config, botocore.session
words = [word for word in sys.argv[1:] if word != "--debug"]
session = botocore.session.Session()
if "--debug" in sys.argv:
    session.set_debug_logger()
if words == ["fail"]:
    sys.exit("\\nAn error occurred (NoSuchBucket) when calling X: " + os.environ["AWS_SECRET_ACCESS_KEY"])
if words == ["die"]:
    os.kill(os.getpid(), signal.SIGTERM)
if words == ["wait"]:
    signal.signal(signal.SIGINT, lambda *_: sys.exit(42))
    print("waiting", flush=True)
    signal.pause()
if words == ["binary"]:
    sys.stdout.buffer.write(bytes(range(256)) * 1000)
    sys.exit(0)
print(session.create_client("sts").get_caller_identity()["Arn"])
v4 = botocore.config.Config(signature_version="s3v4")
s3 = session.create_client("s3", config=v4)
url = s3.generate_presigned_url("get_object", Params={{"Bucket": "shop", "Key": "k"}})
print(url)
print(url, file=sys.stderr)
sys.exit(7 if words == ["seven"] else 0)
"""


@pytest.fixture
def shop(project: Path) -> Path:
    """Make the project one that `invoke` finds."""
    (project / "tasks.py").write_text("from rolecall.tasks import namespace as namespace\n")
    return project


@pytest.fixture
def debug(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Return a function that runs `invoke debug` with the stand-in first on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "aws").write_text(AWS)
    (folder / "aws").chmod(0o755)

    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def run(*words: str) -> "subprocess.CompletedProcess[bytes]":
        argv = [sys.executable, "-m", "invoke", "debug", *words]
        return subprocess.run(argv, cwd=shop, capture_output=True, timeout=60, check=False)

    return run


def only_log(home: Path) -> Path:
    """Return the one log in the user's state folder."""
    (log,) = (paths.state_dir() / "debug").iterdir()
    return log


def session_of(root: Path) -> Session:
    """Return the session that the command had."""
    entry = cache.read(place_of(root), "dev")
    assert entry
    return entry.session


# The log.


def test_debug_when_command_works_then_writes_a_log_without_secrets(
    debug: Invoke, shop: Path, home: Path, sts: Sts
) -> None:
    """The log has botocore's records, and none of the session's secrets, signatures or the identity."""
    done = debug("--", "aws", "sts", "get-caller-identity")

    log = only_log(home)
    text = log.read_text()
    session = session_of(shop)
    assert (done.returncode, log.stat().st_mode & 0o777) == (0, 0o600), done.stderr
    assert "botocore.endpoint" in text
    assert f"Credential={session.key_id}" not in text
    secrets = (
        session.secret.reveal(),
        session.token.reveal(),
        session.token.reveal().replace("+", "%2B").replace("/", "%2F"),
        session.key_id,
    )
    assert [secret for secret in (*secrets, sts.secret) if secret in text] == []
    assert b"assumed-role/dev/" in done.stdout
    assert str(log).encode() in done.stderr
    assert session.secret.reveal().encode() not in done.stderr


def test_debug_when_output_is_binary_then_leaves_it_untouched(debug: Invoke) -> None:
    """Every byte of the command's stdout arrives."""
    expected = hashlib.sha256(bytes(range(256)) * 1000).digest()
    assert hashlib.sha256(debug("--", "aws", "binary").stdout).digest() == expected


# How the command ends.


@pytest.mark.parametrize(("word", "code"), [("seven", 7), ("fail", 1), ("die", 143)])
def test_debug_when_command_fails_then_keeps_its_exit_code(debug: Invoke, word: str, code: int) -> None:
    """A failing command keeps its exit code, and 128 + N where signal N ended it."""
    assert debug("--", "aws", word).returncode == code


def test_debug_when_command_fails_then_says_its_last_words_without_secrets(debug: Invoke, shop: Path) -> None:
    """What the AWS CLI says at the end goes to the log; a person sees it too."""
    done = debug("--", "aws", "fail")

    assert b"An error occurred (NoSuchBucket) when calling X: [removed]" in done.stderr
    assert session_of(shop).secret.reveal().encode() not in done.stderr


@pytest.mark.usefixtures("debug")
def test_debug_when_interrupted_then_waits_for_how_the_command_ends(shop: Path) -> None:
    """Ctrl-C is the command's: it may clean up, and its exit code is ours."""
    argv = [sys.executable, "-m", "invoke", "debug", "--", "aws", "wait"]
    with subprocess.Popen(
        argv, cwd=shop, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"waiting\n"
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)

    assert process.returncode == 42
    assert b"Traceback" not in err


# What cannot be run or written.


def test_debug_when_the_program_is_not_aws_then_refuses(debug: Invoke) -> None:
    """Another program does not know --debug."""
    done = debug("--", "ls")

    assert done.returncode == 2
    assert b"ls is not aws" in done.stderr


def test_debug_when_file_exists_then_leaves_it_alone(debug: Invoke, tmp_path: Path) -> None:
    """Nobody's file is overwritten."""
    mine = tmp_path / "README.md"
    mine.write_text("mine")

    done = debug("--file", str(mine), "--", "aws", "sts")

    assert (done.returncode, mine.read_text()) == (2, "mine")


def test_debug_when_the_log_folder_is_missing_then_says_so(debug: Invoke, tmp_path: Path) -> None:
    """One clear line, no traceback, and the command is not run."""
    done = debug("--file", str(tmp_path / "none/x.log"), "--", "aws", "sts")

    assert done.returncode == 1
    assert b"cannot write" in done.stderr
    assert b"Traceback" not in done.stderr
    assert done.stdout == b""


def test_run_when_the_disk_is_full_then_lets_the_command_end_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A log that breaks off costs neither the command's output nor its exit code."""
    monkeypatch.setattr(debug_log, "_opened", lambda _: FileIO("/dev/full", "w"))
    script = "import sys; sys.stderr.write('x' * 200000); print('out'); sys.exit(5)"

    ended = debug_log.run([sys.executable, "-c", script], tmp_path / "log", environ=os.environ)

    assert (ended.code, capfdbinary.readouterr().out) == (5, b"out\n")
    assert ended.problem.startswith("the log breaks off")
