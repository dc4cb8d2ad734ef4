"""Input files: an edit while one is read is not missed, and what is no file holds nothing up."""

import os
from pathlib import Path

import pytest

from rolecall.errors import ConfigError
from rolecall.project.input_files import MOST_BYTES, InputFiles
from rolecall.system.disk import files


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
    with pytest.raises(ConfigError, match="is larger than 1 MiB, so it is not read"):
        InputFiles(str(tmp_path)).text(str(path))
