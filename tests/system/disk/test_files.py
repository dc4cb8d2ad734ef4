"""Private files: born private, replaced whole, and always visible to direnv."""

import errno
import multiprocessing
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from rolecall.errors import MachineError
from rolecall.system.disk import files
from support import foreign_folder
from support.mounts import needs_mounts, on_tmpfs


def test_write_private_when_new_then_is_0600_whatever_the_umask(tmp_path: Path) -> None:
    """No moment and no umask makes a secret readable for others."""
    before = os.umask(0)
    try:
        files.write_private(tmp_path / "secret", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_write_private_when_written_twice_in_a_second_then_mtime_moves_on(tmp_path: Path) -> None:
    """Direnv compares whole seconds: each write is at least one later than the last."""
    path = tmp_path / "session"
    times = []
    for _ in range(3):
        files.write_private(path, "x", clock=lambda: 1000.5)
        times.append(path.stat().st_mtime)
    assert times == [1000, 1001, 1002]


def test_write_private_when_the_disk_is_full_then_the_old_file_stands(tmp_path: Path) -> None:
    """A full disk is one clear error; nothing is lost and no temporary file stays."""
    path = tmp_path / "session"
    files.write_private(path, "old")
    worker = multiprocessing.get_context("spawn").Process(target=_write_with_no_room, args=(path,))
    worker.start()
    worker.join()
    assert worker.exitcode == 0
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["session"]


def _write_with_no_room(path: Path) -> None:
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))
    with pytest.raises(MachineError, match="cannot write"):
        files.write_private(path, "x" * 1000)


def test_private_dir_when_it_is_a_link_then_is_refused(tmp_path: Path) -> None:
    """A folder that somebody else may have put there receives nothing."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    with pytest.raises(MachineError, match="not a folder of yours") as caught:
        files.private_dir(tmp_path / "link")
    assert (caught.value.code, caught.value.hint) == ("folder-not-ours", f"rm -r {tmp_path}/link")


def test_private_dir_when_it_is_open_to_others_then_is_closed(tmp_path: Path) -> None:
    """An older folder with a wide mode is narrowed."""
    (tmp_path / "wide").mkdir(mode=0o755)
    assert stat.S_IMODE(files.private_dir(tmp_path / "wide").stat().st_mode) == 0o700


def test_read_text_when_it_is_no_text_then_is_none(tmp_path: Path) -> None:
    """A binary file is no text, and no crash."""
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    assert files.read_text(tmp_path / "binary") is None
    assert files.read_text(tmp_path / "absent") is None


def test_write_file_when_the_umask_is_strict_then_has_the_mode_it_had(tmp_path: Path) -> None:
    """A startup file keeps its mode under umask 077: others may read what they could read before."""
    before = os.umask(0o077)
    try:
        files.write_file(tmp_path / "rc", "x", mode=0o644)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "rc").stat().st_mode) == 0o644


def test_private_dir_when_it_is_someone_elses_then_is_refused(tmp_path: Path) -> None:
    """Neither its mode nor being able to write there makes a folder ours."""
    with pytest.raises(MachineError, match="not a folder of yours"):
        files.private_dir(foreign_folder(tmp_path))


@pytest.mark.parametrize(("free", "says"), [(0, "no inodes left"), (5, "No space left on device")])
def test_write_private_when_there_is_no_space_then_the_real_cause_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, says: str
) -> None:
    """Gigabytes are free, and yet there is no inode for one more file."""

    def refuse(*_words: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    full = os.statvfs_result((4096, 4096, 10**6, 10**6, 10**6, 10**6, free, free, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _path: full)
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(MachineError, match=says):
        files.write_private(tmp_path / "x", "text")
    with pytest.raises(MachineError, match=says):
        files.touch_private(tmp_path / "x", 1)


def test_unwritable_when_the_file_system_cannot_be_asked_then_the_cause_is_what_the_kernel_said(
    tmp_path: Path,
) -> None:
    """The folder may be gone by then; one that counts no inodes (btrfs) has none that could run out."""
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    said = files.unwritable(full, tmp_path / "gone/x")
    assert said.message == f"cannot write {tmp_path}/gone/x: No space left on device"
    assert said.hint == f"df -h {tmp_path}/gone; ls -ld {tmp_path}/gone"


@pytest.mark.parametrize(("counted", "free", "says"), [(0, 0, "No space left"), (100, 0, "no inodes left")])
def test_unwritable_when_a_file_system_counts_no_inodes_then_none_has_run_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: int, free: int, says: str
) -> None:
    """Btrfs says 0 of 0."""
    told = os.statvfs_result((4096, 4096, 10**6, 10**6, 10**6, counted, free, free, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _path: told)
    said = files.unwritable(OSError(errno.ENOSPC, "No space left"), tmp_path / "x")
    assert says in said.message
    other = files.unwritable(OSError(errno.EROFS, "Read-only file system"), tmp_path / "x")
    assert other.message == f"cannot write {tmp_path}/x: Read-only file system"


def test_write_private_when_a_writer_is_somebody_elses_or_no_pid_then_what_it_left_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may not signal a process knows that it lives; a number beyond any pid is nobody's."""

    def refuse(_pid: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    (tmp_path / ".session.1.5").touch()
    files.write_private(tmp_path / "session", "x")
    monkeypatch.undo()
    (tmp_path / f".session.{2**70}.5").touch()
    files.write_private(tmp_path / "session", "y")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {".session.1.5", f".session.{2**70}.5", "session"}


def test_write_private_when_a_writer_was_killed_then_what_it_left_goes_and_no_more(tmp_path: Path) -> None:
    """It may hold a secret; that of a writer at work, and what is nobody's, stay."""
    dead = subprocess.run(["sh", "-c", "echo $$"], capture_output=True, text=True, check=True).stdout.strip()
    kept = {f".session.{os.getpid()}.1", ".session.x.2", f".other.{dead}.3"}
    for name in (*kept, f".session.{dead}.4"):
        (tmp_path / name).touch()
    files.write_private(tmp_path / "session", "x")
    assert {path.name for path in tmp_path.iterdir()} == {*kept, "session"}


MOUNTED = """\
import os, sys
from rolecall.errors import MachineError
from rolecall.system.disk import files
folder = sys.argv[1]
files.write_private(f"{folder}/old", "old")
try:
    for number in range(50):
        files.write_private(f"{folder}/old", "x" * (number + 1) * 3000)
        files.touch_private(f"{folder}/{number}", 1)
except MachineError as problem:
    print(problem.message, "|", problem.hint, "|", sorted(os.listdir(folder))[-1])
"""


@needs_mounts
@pytest.mark.parametrize(
    ("options", "says", "hint"),
    [("nr_inodes=4", "no inodes left", "df -i"), ("size=16k", "No space left on device", "df -h")],
)
def test_write_private_when_a_real_file_system_is_full_then_the_real_cause_is_said(
    tmp_path: Path, options: str, says: str, hint: str
) -> None:
    """A tmpfs with few inodes, and one with few pages; no half written file stays in either."""
    done = on_tmpfs(tmp_path, options, [sys.executable, "-c", MOUNTED, str(tmp_path)])
    message, advice, last = done.stdout.strip().split(" | ")
    assert says in message
    assert advice.startswith(hint)
    assert last == "old"


@needs_mounts
def test_door_when_the_runtime_folder_is_full_then_one_clear_line_and_exit_1(
    tmp_path_factory: pytest.TempPathFactory, project: Path
) -> None:
    """What a `cd` starts ends with the cause, and never with a bug's log."""
    folder = tmp_path_factory.mktemp("runtime")
    done = on_tmpfs(
        folder,
        "nr_inodes=3",
        [sys.executable, "-P", "-m", "rolecall", "assume", str(project)],
        XDG_RUNTIME_DIR=str(folder),
        DIRENV_IN_ENVRC="1",
    )
    assert done.returncode == 1
    assert "no inodes left" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_remove_when_it_is_refused_then_says_so(tmp_path: Path) -> None:
    """A folder in the file's place is an error with a line, and no bug."""
    (tmp_path / "x").mkdir()
    with pytest.raises(MachineError, match="cannot remove") as raised:
        files.remove(tmp_path / "x")
    assert raised.value.code == "file-unwritable"
    assert raised.value.hint == f"df -h {tmp_path}; ls -ld {tmp_path}"
    (tmp_path / "y").touch()
    assert files.remove(tmp_path / "y")
    assert not files.remove(tmp_path / "y")
    (tmp_path / "y").touch()
    assert not files.remove(tmp_path / "y/z")


def test_rewrite_when_it_is_a_link_then_stays_one_and_the_mode_stays(tmp_path: Path) -> None:
    """A person's dotfiles are often links; direnv sees a later second."""
    (tmp_path / "real").write_text("old")
    (tmp_path / "real").chmod(0o640)
    os.utime(tmp_path / "real", (5000, 5000))
    (tmp_path / "link").symlink_to("real")
    files.rewrite(tmp_path / "link", "n\udce9w", clock=lambda: 1000.5)
    assert (tmp_path / "link").is_symlink()
    status = (tmp_path / "real").stat()
    assert (stat.S_IMODE(status.st_mode), status.st_mtime) == (0o640, 5001)
    assert (tmp_path / "real").read_bytes() == b"n\xe9w"


def test_write_file_when_no_time_is_named_then_is_of_now(tmp_path: Path) -> None:
    """Also in the folder that we are in, and over a file that was there."""
    (tmp_path / "x").write_text("old")
    os.utime(tmp_path / "x", (1000, 1000))
    files.write_file(tmp_path / "x", "new", mode=0o600)
    assert (tmp_path / "x").stat().st_mtime > 1000
    assert (tmp_path / "x").read_text() == "new"


def test_touch_private_when_made_then_is_private_and_a_link_is_refused(tmp_path: Path) -> None:
    """One that is there keeps its text."""
    files.touch_private(tmp_path / "x", 7_000_000_001)
    assert files.mtime_ns(tmp_path / "x") == 7_000_000_001
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o600
    (tmp_path / "x").write_text("kept")
    files.touch_private(tmp_path / "x", 8)
    assert ((tmp_path / "x").read_text(), files.mtime_ns(tmp_path / "x")) == ("kept", 8)
    (tmp_path / "link").symlink_to("x")
    with pytest.raises(MachineError):
        files.touch_private(tmp_path / "link", 9)
    assert files.mtime_ns(tmp_path / "absent") is None


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o602, 0o620, 0o610, 0o601])
def test_read_own_when_others_may_use_it_then_is_not_believed(tmp_path: Path, mode: int) -> None:
    """Whoever can write it could say anything; a link may lead anywhere."""
    (tmp_path / "x").write_text("é")
    (tmp_path / "x").chmod(0o600)
    assert files.read_own(tmp_path / "x") == "é"
    (tmp_path / "link").symlink_to("x")
    assert files.read_own(tmp_path / "link") is None
    (tmp_path / "x").chmod(mode)
    assert files.read_own(tmp_path / "x") is None
    assert files.read_regular(tmp_path / "link") == "é".encode()
    assert files.read_own(tmp_path / "absent") is None


def test_read_own_when_it_is_someone_elses_or_no_text_then_is_not_believed(tmp_path: Path) -> None:
    """Whatever its mode."""
    (tmp_path / "x").write_bytes(b"\xff")
    (tmp_path / "x").chmod(0o600)
    assert files.read_own(tmp_path / "x") is None
    if os.geteuid() == 0:
        (tmp_path / "x").write_text("x")
        os.chown(tmp_path / "x", 12345, 12345)
        assert files.read_own(tmp_path / "x") is None


def test_read_regular_when_it_is_too_large_or_a_pipe_then_says_which(tmp_path: Path) -> None:
    """At the bound it is read; nobody waits for a writer."""
    (tmp_path / "x").write_bytes(bytes(2 << 20))
    assert len(files.read_regular(tmp_path / "x", most_bytes=2 << 20)) == 2 << 20
    assert len(files.read_regular(tmp_path / "x")) == 2 << 20
    with pytest.raises(files.OddFileError, match="is larger than 1 MiB"):
        files.read_regular(tmp_path / "x", most_bytes=(2 << 20) - 1)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(files.OddFileError, match="is not a file"):
        files.read_regular(tmp_path / "pipe")


def test_read_text_when_it_cannot_be_read_then_says_what_helps(tmp_path: Path) -> None:
    """A circle of links; what lies below a file is not there."""
    (tmp_path / "a b").symlink_to("a b")
    with pytest.raises(MachineError) as raised:
        files.read_text(tmp_path / "a b")
    assert (raised.value.code, raised.value.hint) == ("file-unreadable", f"ls -l '{tmp_path}/a b'")
    (tmp_path / "x").write_text("é")
    assert files.read_text(tmp_path / "x") == "é"
    assert files.read_text(tmp_path / "x/y") is None


def test_private_dir_when_there_is_none_then_each_folder_is_made(tmp_path: Path) -> None:
    """Given back as it was named; where a file is in the way, that is said."""
    assert files.private_dir(f"{tmp_path}/a/b") == f"{tmp_path}/a/b"
    assert stat.S_IMODE((tmp_path / "a/b").stat().st_mode) == 0o700
    (tmp_path / "file").touch()
    with pytest.raises(MachineError) as raised:
        files.private_dir(tmp_path / "file/b")
    assert raised.value.code == "file-unwritable"


def test_sha256_when_a_text_has_other_bytes_then_is_what_sha256sum_says(tmp_path: Path) -> None:
    """Of the file as it is on the disk."""
    (tmp_path / "x").write_bytes(b"\xe9\n")
    told = subprocess.run(["sha256sum", tmp_path / "x"], capture_output=True, text=True, check=True).stdout
    assert files.sha256("\udce9\n") == told.split()[0]
