"""Input files: an edit while one is read is not missed."""

import os
import threading
from pathlib import Path

from rolecall.project.input_files import InputFiles


def test_text_when_the_file_changes_while_it_is_read_then_has_the_mtime_of_before(tmp_path: Path) -> None:
    """A pipe's mtime moves with what is written to it: on record is the one from before the reading."""
    path = tmp_path / ".env"
    os.mkfifo(path)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    writer = threading.Thread(target=path.write_text, args=("A=b\n",))
    writer.start()
    inputs = InputFiles(str(tmp_path))
    assert inputs.text(str(path)) == "A=b\n"
    writer.join()
    assert path.stat().st_mtime_ns != 1_000_000_000 * 10**9
    assert inputs.mtimes[".env"] == 1_000_000_000 * 10**9
