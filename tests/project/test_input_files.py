"""Input files: an edit while one is read is not missed, and what is no file holds nothing up."""

import os
from pathlib import Path

import pytest

from rolecall.errors import ConfigError, MachineError
from rolecall.project.input_files import MOST_BYTES, InputFiles
from rolecall.system.disk import files
from rolecall.system.text import secret


def test_text_when_the_file_changes_while_it_is_read_then_has_the_mtime_of_before(tmp_path: Path) -> None:
    """On record is the time from before the reading: the next look finds another one, and reads again."""
    path = tmp_path / ".env"
    path.write_text("A=b\n")
    os.utime(path, (1_000_000_000, 1_000_000_000))

    def read(name: str, *, most_bytes: int) -> bytes:
        content = files.read_regular(name, most_bytes=most_bytes)
        path.write_text("A=c\n")
        return content

    inputs = InputFiles(str(tmp_path), read=read)
    assert inputs.text(str(path)) == "A=b\n"
    assert inputs.mtimes[".env"] == 1_000_000_000 * 10**9 != path.stat().st_mtime_ns


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/tty", "/dev/stdin", "/", ".env", "pipe"])
def test_text_when_it_is_no_file_then_says_so_at_once(tmp_path: Path, target: str) -> None:
    """A link to a device, to a folder or in a circle, and a pipe that nobody writes to."""
    path = tmp_path / ".env"
    if target == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(target)
    with pytest.raises(Exception, match=r"so it is not read|cannot read") as raised:
        InputFiles(str(tmp_path)).text(str(path))
    assert str(path) in str(raised.value)


def test_text_when_it_is_huge_then_is_not_read(tmp_path: Path) -> None:
    """A megabyte is more than any environment holds."""
    path = tmp_path / ".env"
    path.write_bytes(b"A=b\n" * (MOST_BYTES // 4 + 1))
    with pytest.raises(ConfigError, match="is larger than 1 MiB, so it is not read") as raised:
        InputFiles(str(tmp_path)).text(str(path))
    assert (raised.value.code, raised.value.hint) == ("file-odd", f"ls -lL {path}")


def test_text_when_it_cannot_be_read_or_understood_then_says_what_helps(tmp_path: Path) -> None:
    """A circle of links; another encoding."""
    inputs = InputFiles(str(tmp_path))
    (tmp_path / "a circle").symlink_to("a circle")
    (tmp_path / "latin").write_bytes(b"\xe9")
    with pytest.raises(MachineError) as unread:
        inputs.text(f"{tmp_path}/a circle")
    assert (unread.value.code, unread.value.hint) == ("file-unreadable", f"ls -l '{tmp_path}/a circle'")
    with pytest.raises(ConfigError) as odd:
        inputs.text(f"{tmp_path}/latin")
    assert odd.value.message == f"{tmp_path}/latin is not UTF-8 text"
    assert (odd.value.code, odd.value.hint) == ("file-encoding", f"file {tmp_path}/latin")


@pytest.mark.parametrize("name", ["absent", "file/below"])
def test_text_when_there_is_no_such_file_then_none_and_on_record(tmp_path: Path, name: str) -> None:
    """Where it appears later, that is a change."""
    (tmp_path / "file").touch()
    inputs = InputFiles(str(tmp_path))
    assert inputs.text(f"{tmp_path}/{name}") is None
    assert not inputs.secret(f"{tmp_path}/{name}")
    assert inputs.mtimes == {name: None}


def test_secret_when_read_then_the_whole_file_is_nothing_to_look_for(tmp_path: Path) -> None:
    """Only the values in it are secrets."""
    (tmp_path / ".env").write_text("ENTIRELY=unremembered\n")
    assert InputFiles(str(tmp_path)).secret(f"{tmp_path}/.env").reveal() == "ENTIRELY=unremembered\n"
    assert "ENTIRELY=unremembered\n" not in secret.known()


def test_digest_when_any_name_or_content_differs_then_is_another(tmp_path: Path) -> None:
    """Also where one file's end becomes the other one's beginning."""

    def digest(**contents: bytes) -> str:
        given = iter(contents.values())
        inputs = InputFiles(str(tmp_path), read=lambda _path, *, most_bytes: next(given)[:most_bytes])
        for name in contents:
            inputs.text(f"{tmp_path}/{name}")
        return inputs.digest

    found = [
        digest(a=b"x", b=b"yz"),
        digest(a=b"xy", b=b"z"),
        digest(a=b"x", c=b"yz"),
        digest(a=b"x"),
        digest(),
    ]
    assert len(set(found)) == len(found)
    assert {len(one) for one in found} == {16}
    assert digest(a=b"x") == digest(a=b"x")
