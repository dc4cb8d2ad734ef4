"""The audit log: a line for each session, whole whatever happens, and never in the way of a session."""

import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from rolecall.credentials.store import audit
from rolecall.errors import MachineError
from support.credentials import obtain, place_of
from support.fake_aws import FakeAws
from support.root import needs_root

FIELDS = [
    "when",
    "event",
    "role",
    "role_arn",
    "account",
    "who",
    "identity",
    "rights",
    "expires",
    "key_id",
    "directory",
]
WRITERS = 50
HERE = Path(__file__).parents[2]
ASSUME = """
from pathlib import Path
from support.credentials import obtain
obtain(Path("{root}"), "dev", warn=print)
"""


def log_of(root: Path) -> Path:
    return Path(audit.path_of(place_of(root)))


def python(script: str, *before: str) -> "subprocess.CompletedProcess[str]":
    """Run a script of ours, after the words of another program."""
    return subprocess.run(
        [*before, sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        check=False,
    )


def said(root: Path) -> list[str]:
    """Take dev anew; return what was said about it."""
    heard: list[str] = []
    assert obtain(root, "dev", refresh=True, warn=heard.append).role == "dev"
    return heard


def test_audit_when_a_session_is_taken_then_one_private_line_says_all_but_a_secret(
    shop: Path, aws: FakeAws
) -> None:
    """Who took which role where, until when; of the key, four characters."""
    session = obtain(shop, "dev")
    obtain(shop, "dev")
    text = log_of(shop).read_text()
    (line,) = text.splitlines()
    facts = json.loads(line)
    assert list(facts) == FIELDS
    assert (facts["role"], facts["account"], facts["directory"]) == ("dev", "111122223333", str(shop))
    assert (facts["event"], facts["key_id"]) == ("assume", session.key_id[-4:])
    assert stat.S_IMODE(log_of(shop).stat().st_mode) == 0o600
    assert not [
        one for one in (session.key_id, session.secret.reveal(), session.token.reveal()) if one in text
    ]
    assert audit.read(place_of(shop)) == (facts,)


def test_audit_when_a_value_is_hostile_then_its_line_is_still_one_line_of_json(shop: Path) -> None:
    """A quote, a line break, a control character and what looks like a line come back as they were."""
    odd = 'a"b\\c\nd\x1b[2J\x7f{"when": "é😀'
    audit.record(place_of(shop), "assume", {"role": odd}, warn=None)
    assert log_of(shop).read_text().count("\n") == 1
    assert [entry["role"] for entry in audit.read(place_of(shop))] == [odd]


def test_audit_when_another_project_writes_then_each_reads_its_own(shop: Path, tmp_path: Path) -> None:
    """There is one log for a user, and a project shows what is its own."""
    other = tmp_path / "other"
    for root in (shop, other):
        audit.record(place_of(root), "assume", {"role": root.name}, warn=None)
    assert [entry["role"] for entry in audit.read(place_of(other))] == ["other"]
    assert len(log_of(shop).read_text().splitlines()) == 2


def test_audit_when_another_has_just_rotated_then_the_line_is_kept_and_nobody_complains(shop: Path) -> None:
    """Between a line that fills the log and the lock for the rotation, another process has moved it away."""
    done = python(
        "import os, sys; from rolecall.credentials.store import audit\n"
        "from support.credentials import place_of\n"
        f"audit.MOST_BYTES = 1; where = place_of({str(shop)!r}); log = audit.path_of(where)\n"
        "def rotate(event, words):\n"
        "    if event == 'open' and words[0] == f'{log}.lock':\n"
        "        os.replace(log, f'{log}.1')\n"
        "sys.addaudithook(rotate)\n"
        "audit.record(where, 'assume', {'role': 'dev'}, warn=sys.exit)\n"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in log_of(shop).parent.glob("audit.jsonl*") if path.suffix != ".lock"] == [
        "audit.jsonl.1"
    ]
    assert [entry["role"] for entry in audit.read(place_of(shop))] == ["dev"]


def test_audit_when_fifty_processes_write_at_once_then_each_line_is_whole(shop: Path) -> None:
    """Also while they rotate the file under each other: nothing is lost, and nothing is torn."""
    script = (
        "import os, sys; from rolecall.credentials.store import audit\n"
        "from support.credentials import place_of\n"
        f"audit.MOST_BYTES = 40_000; where = place_of({str(shop)!r}); wait, start = os.pipe()\n"
        "crowd = []\n"
        f"for writer in range({WRITERS}):\n"
        "    if not (child := os.fork()):\n"
        "        os.close(start); os.read(wait, 1)\n"
        "        for number in range(20):\n"
        "            audit.record(where, 'assume', {'role': f'{writer}-{number}'}, warn=sys.exit)\n"
        "        os._exit(0)\n"
        "    crowd.append(child)\n"
        "os.close(start)  # all of them begin now\n"
        "sys.exit(any([os.waitpid(child, 0)[1] for child in crowd]))\n"
    )
    done = python(script)
    assert done.returncode == 0, done.stderr
    files = [*log_of(shop).parent.glob("audit.jsonl.[0-9]"), *log_of(shop).parent.glob("audit.jsonl")]
    lines = [json.loads(line) for path in files for line in path.read_text().splitlines()]
    assert {line["role"] for line in lines} == {f"{w}-{n}" for w in range(WRITERS) for n in range(20)}
    assert len(files) > 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_audit_when_it_grows_then_the_oldest_is_dropped(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five files at most, in order when they are read."""
    monkeypatch.setattr(audit, "MOST_BYTES", 1000)
    for number in range(60):
        audit.record(place_of(shop), "assume", {"role": str(number)}, warn=None)
    kept = [int(entry["role"]) for entry in audit.read(place_of(shop))]
    assert len(list(log_of(shop).parent.glob("audit.jsonl*[0-9l]"))) <= audit.KEPT + 1
    assert kept == list(range(kept[0], 60))
    assert kept[0] > 0


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("openat", "ENOSPC"),
        ("openat", "EACCES"),
        ("openat", "EROFS"),
        ("openat", "EMFILE"),
        ("write", "ENOSPC"),
        ("write", "EIO"),
    ],
)
def test_audit_when_the_kernel_refuses_it_then_there_is_a_session_and_a_line_about_it(
    shop: Path, aws: FakeAws, tmp_path: Path, call: str, error: str
) -> None:
    """The credentials matter more than their record, and the record's absence is said."""
    log_of(shop).parent.mkdir(parents=True)
    log_of(shop).touch(0o600)
    script = ASSUME.format(root=shop)
    inject = ("strace", "-f", "-qq", "-o", str(tmp_path / "log"), "-P", str(log_of(shop)))
    done = python(script, *inject, "-e", f"trace={call}", "-e", f"inject={call}:error={error}")
    assert done.returncode == 0, done.stderr
    assert "is not in the audit log: cannot write" in done.stdout
    assert os.strerror(getattr(errno, error)) in done.stdout
    assert len(aws.asked("AssumeRole")) == 1
    assert obtain(shop, "dev").role == "dev"
    assert len(aws.asked("AssumeRole")) == 1, "the session was kept"


@pytest.mark.parametrize(
    "place",
    ["a folder", "a pipe", "a link", "a full device", pytest.param("somebody's file", marks=needs_root)],
)
def test_audit_when_something_else_lies_there_then_nothing_is_written_to_it(
    shop: Path, aws: FakeAws, tmp_path: Path, place: str
) -> None:
    """A pipe does not hold up a `cd`, a link leads nowhere; each is said once, until it works again."""
    path = log_of(shop)
    path.parent.mkdir(parents=True)
    other = tmp_path / "other"
    if place == "a folder":
        path.mkdir()
    elif place == "a pipe":
        os.mkfifo(path)
    elif place == "somebody's file":
        path.parent.chmod(0o700)
        path.touch()
        os.chown(path, 12345, 12345)
    else:
        path.symlink_to(other if place == "a link" else "/dev/full")
    assert len(said(shop)) == 1
    assert said(shop) == []
    assert not other.exists()
    path.rmdir() if place == "a folder" else path.unlink()
    assert said(shop) == []
    assert len(audit.read(place_of(shop))) == 1
    path.unlink()
    path.mkdir()
    assert len(said(shop)) == 1, "it had worked meanwhile"


def test_audit_when_the_disk_fills_within_a_line_then_the_next_line_is_still_read(
    shop: Path, aws: FakeAws
) -> None:
    """A real limit: the kernel takes the beginning of the line, and refuses the rest."""
    obtain(shop, "dev")
    size = log_of(shop).stat().st_size
    script = (
        "import resource; from rolecall.credentials.store import audit\n"
        "from support.credentials import place_of\n"
        f"where = place_of({str(shop)!r})\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size + 50}, resource.RLIM_INFINITY))\n"
        "audit.record(where, 'assume', {'role': 'lost'}, warn=print)"
    )
    done = python(script)
    assert "is not in the audit log" in done.stdout
    assert log_of(shop).stat().st_size == size + 50
    audit.record(place_of(shop), "assume", {"role": "next"}, warn=None)
    assert [entry["role"] for entry in audit.read(place_of(shop))] == ["dev", "next"]


def test_audit_when_it_cannot_be_read_then_said_with_what_shows_why(shop: Path) -> None:
    """Not taken for an empty one; somebody else's is not ours to show."""
    log_of(shop).mkdir(parents=True)
    with pytest.raises(MachineError, match="cannot read") as caught:
        audit.read(place_of(shop))
    assert (caught.value.code, caught.value.hint) == ("file-unreadable", f"ls -l {log_of(shop)}")


def test_audit_when_others_could_read_it_then_they_no_longer_can(shop: Path) -> None:
    """Before the line is there."""
    log_of(shop).parent.mkdir(parents=True, mode=0o700)
    log_of(shop).touch(0o644)
    audit.record(place_of(shop), "assume", {"role": "dev"}, warn=None)
    assert stat.S_IMODE(log_of(shop).stat().st_mode) == 0o600


def test_audit_when_not_even_that_can_be_remembered_then_said_each_time(shop: Path) -> None:
    """Without a folder for the mark, nobody knows that it was said."""
    log_of(shop).mkdir(parents=True)
    heard: list[str] = []
    for _ in range(2):
        audit.record(place_of(shop), "assume", {}, warn=heard.append)
    assert len(heard) == 2
