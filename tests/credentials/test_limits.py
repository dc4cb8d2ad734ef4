"""Many at once, killed at any moment, and a machine that refuses: no half file, and one question to STS."""

import errno
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rolecall.credentials.store import audit, cache
from support.credentials import obtain, place_of
from support.fake_aws import FakeAws, refusal

CROWD = 200
PATIENCE_SECONDS = 300.0
HERE = Path(__file__).parents[1]
MAIN = Path(__file__).resolve().parents[2] / "src/rolecall/__main__.py"
PYTHON = getattr(sys, "_base_executable", sys.executable)
REFRESHERS = """
import os, sys
from pathlib import Path
from rolecall.credentials import broker, fetch, renewal
from rolecall.credentials.aws.query import client
from rolecall.credentials.identity import keys, sources
from rolecall.credentials.model import SessionRequest
from rolecall.credentials.store import choice
from rolecall.errors import RolecallError
from rolecall.project import config

broker.PATIENCE_SECONDS = client.TRY_MOST_SECONDS = 300.0  # on a busy machine, forking takes a while
project = config.load(Path(sys.argv[1]))
children = []
for number in range(int(sys.argv[2])):
    child = os.fork()
    if child:
        children.append(child)
        continue
    try:
        wanted = SessionRequest(choice.chain(project, "dev"), by_program=True)
        renewal.obtain(project, wanted, on_wait=lambda: print("waits", flush=True))
    except RolecallError as problem:
        os._exit(7 if problem.code == sys.argv[3] else 8)
    os._exit(0)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
print(*codes, flush=True)
"""
# Every system call that leaves a trace of the session file or of the audit log, at its first occurrences.
POINTS = [
    (call, occurrence)
    for call in ("openat", "write", "fchmod", "fsync", "utimensat", "rename")
    for occurrence in (1, 2, 3)
]


def ours() -> dict[str, str]:
    """Return the environment for a process of ours."""
    return {**os.environ, "PYTHONPATH": str(HERE), "LOGNAME": "ann"}


def assume(root: Path, *before: str) -> "subprocess.CompletedProcess[str]":
    """Get a session as `.envrc` does on `cd`, after the words of another program."""
    return subprocess.run(
        [*before, PYTHON, "-B", "-I", "-S", str(MAIN), "assume", str(root)],
        env=ours(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.xdist_group("crowd")
@pytest.mark.parametrize("is_held", [False, True], ids=["no session", "an old session"])
def test_renewal_when_two_hundred_meet_a_failing_sts_then_it_is_asked_once(
    shop: Path, aws: FakeAws, *, is_held: bool
) -> None:
    """Whoever waited for the lock hears what its holder met; with a valid session, all go on with it."""
    if is_held:
        age(shop)
    asked = len(aws.asked("AssumeRole"))
    aws.queue(
        "AssumeRole", *[replace(refusal("AccessDenied", status=403), pause_seconds=PATIENCE_SECONDS)] * CROWD
    )
    aws.wait_before_answering.clear()
    words = [sys.executable, "-c", REFRESHERS, str(shop), str(CROWD), "trust-denied"]
    with subprocess.Popen(words, env=ours(), stdout=subprocess.PIPE, text=True) as crowd:
        assert crowd.stdout
        if not is_held:  # else they wait four seconds, and then go on with what they have
            assert [crowd.stdout.readline() for _ in range(CROWD - 1)] == ["waits\n"] * (CROWD - 1)
        aws.wait_before_answering.set()
        *_, codes = crowd.stdout.read().splitlines()
    assert codes.split() == ["0" if is_held else "7"] * CROWD
    assert len(aws.asked("AssumeRole")) == asked + 1


def age(shop: Path, *, seconds_left: int = 180) -> None:
    """Let dev's session have little time left, so that every program wants a new one."""
    from rolecall.system.python import frozen

    obtain(shop, "dev")
    entry = cache.read(place_of(shop), "dev")
    assert entry
    expires = int(place_of(shop).clock()) + seconds_left
    aged = frozen.replace(entry.session, expires=expires, renew_at=expires - 900, issued=expires - 3600)
    cache.publish(place_of(shop), frozen.replace(entry, session=aged))


@pytest.mark.parametrize(("call", "occurrence"), POINTS)
def test_assume_when_killed_at_a_write_then_session_and_audit_log_are_whole(
    shop: Path, aws: FakeAws, tmp_path: Path, call: str, occurrence: int
) -> None:
    """SIGKILL at each call that touches the file: what was there is whole, and the next one has a session."""
    where = place_of(shop)
    audit.record(where, "assume", {"role": "before"}, warn=None)
    log = audit.path_of(where)
    inject = ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={occurrence}"]
    only = ["-P", log] if call == "openat" else []  # Python itself opens more than a hundred files
    assume(shop, "strace", "-f", "-qq", "-o", str(tmp_path / "log"), *inject, *only)
    entries = audit.read(where)
    assert [entry["role"] for entry in entries][:1] == ["before"]
    text = Path(log).read_text()
    assert len(entries) == len(text.splitlines()) == text.count("\n")
    done = assume(shop)
    assert done.returncode == 0, done.stderr
    entry = cache.read(where, "dev")
    assert entry
    for line in Path(log).read_text().splitlines():
        json.loads(line)
    assert not [path.name for path in Path(where.folder).iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("descriptors", [4, 5, 6, 7, 8])
def test_assume_when_no_more_files_can_be_opened_then_says_so_and_the_next_one_works(
    shop: Path, aws: FakeAws, descriptors: int
) -> None:
    """EMFILE for real, by the limit: an expected failure wherever it is met, and never a half file."""
    done = assume(shop, "sh", "-c", f'ulimit -n {descriptors}; exec "$@"', "sh")
    assert done.returncode in {0, 1}, done.stderr
    assert "a bug" not in done.stderr
    assert (done.returncode == 0) == (cache.read(place_of(shop), "dev") is not None)
    assert obtain(shop, "dev").role == "dev"


@pytest.mark.parametrize("error", ["ENOSPC", "EACCES", "EROFS", "EDQUOT"])
@pytest.mark.parametrize("call", ["write", "fsync", "rename"])
def test_assume_when_the_session_cannot_be_kept_then_says_why_and_the_old_one_stays(
    shop: Path, aws: FakeAws, tmp_path: Path, call: str, error: str
) -> None:
    """The kernel's refusal at the session file: the old one is whole, and no temporary file is left."""
    age(shop, seconds_left=60)
    path = Path(cache.session_path(place_of(shop), "dev"))
    old = path.read_text()
    inject = ["-e", f"trace={call}", "-e", f"inject={call}:error={error}:when=1"]
    done = assume(shop, "strace", "-f", "-qq", "-o", str(tmp_path / "log"), *inject)
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith(f"rolecall: cannot write {path}: {os.strerror(getattr(errno, error))}")
    assert len(aws.asked("AssumeRole")) == 2
    assert path.read_text() == old
    assert not [one.name for one in path.parent.iterdir() if one.name.startswith(".")]
