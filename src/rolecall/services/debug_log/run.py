"""Run an AWS CLI command with `--debug`, its diagnostic log in a file without secrets.

Must not print, or change what the command writes to stdout.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from rolecall.errors import MachineError, UsageError
from rolecall.services.debug_log.redaction import RECORD, Redactor
from rolecall.system import files, paths, processes

NO_FOLLOW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the command ended: exit code, last line on stderr, and the problem that cut the log short."""

    code: int
    last_words: str
    problem: str = ""


def argv(words: Sequence[str]) -> list[str]:
    """Return `words` with `--debug`, a global option of the AWS CLI. Raises UsageError for others."""
    if not words or Path(words[0]).name != "aws":
        raise UsageError(
            "debug-not-aws",
            f"debug runs the AWS CLI; {words[0] if words else 'nothing'} is not aws",
            hint="invoke debug -- aws s3 ls",
        )
    return [*words] if "--debug" in words else [words[0], "--debug", *words[1:]]


def default_path(*, environ: Mapping[str, str] = os.environ, clock: Callable[[], float] = time.time) -> Path:
    """Return a new path in the user's state folder, outside every repository, for a log nobody named."""
    folder = files.private_dir(paths.state_dir(environ=environ) / "debug")
    return folder / time.strftime(f"aws-%Y%m%d-%H%M%S-{os.getpid()}.debug.log", time.localtime(clock()))


def run(
    words: Sequence[str],
    log: Path,
    *,
    environ: Mapping[str, str],
    secrets: Iterable[str],
    has_stdout: bool = False,
    stdout: BinaryIO | None = None,
) -> Outcome:
    """Run `words`, write its stderr (and with `has_stdout` a copy of its stdout) to `log` as it comes.

    Raises MachineError where the program or the log cannot be started; a log that breaks off later does
    not stop the command.
    """
    with _opened(log) as file:
        log_file = _LogFile(file)
        err = Redactor(log_file.write, literals=secrets)
        out = Redactor(log_file.write_quietly, literals=secrets)
        shown = stdout or sys.stdout.buffer

        def both(chunk: bytes) -> None:
            shown.write(chunk)
            shown.flush()
            out.feed(chunk)

        code = processes.stream(words, environ=environ, err=err.feed, out=both if has_stdout else None)
        err.close()
        out.close()
        return Outcome(code, log_file.last_words, log_file.problem)


class _LogFile:
    """The log file, for two threads. After the first failed write it drops the rest."""

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self._lock = threading.Lock()
        self.last_words = ""
        self.problem = ""

    def write(self, text: str) -> None:
        """Write a line of stderr; one that is no log record may be what a person should see."""
        if text.strip() and not RECORD.match(text):
            self.last_words = text.strip()  # already redacted
        self.write_quietly(text)

    def write_quietly(self, text: str) -> None:
        """Write to the file alone."""
        with self._lock:
            try:
                rest = text.encode("utf-8", "surrogateescape")
                while rest:
                    rest = rest[self._file.write(rest) :]
            except OSError as problem:
                self.problem = self.problem or f"the log breaks off: {problem.strerror}"


def _opened(log: Path) -> FileIO:
    """Open a new private file; unbuffered, so that a full disk shows in a write and not in the end."""
    try:
        descriptor = os.open(log, NO_FOLLOW, files.PRIVATE_FILE)
    except FileExistsError as problem:
        message = f"{log} exists and was left alone; --file names another one"
        raise UsageError("log-exists", message) from problem
    except OSError as problem:
        raise MachineError(
            "log-unwritable",
            f"cannot write {log}: {problem.strerror}",
            hint=f"ls -ld {paths.typed(log.parent)}",
        ) from problem
    os.fchmod(descriptor, files.PRIVATE_FILE)
    return FileIO(descriptor, "w")
