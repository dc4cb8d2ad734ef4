"""Run an AWS CLI command with `--debug`, its diagnostic log in a file without secrets.

Must not print, or change what the command writes to stdout.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from rolecall.errors import MachineError, UsageError
from rolecall.services.debug_log import arguments
from rolecall.services.debug_log.records import Records
from rolecall.system.disk import files, paths
from rolecall.system.programs import processes

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


def run(words: Sequence[str], log: Path, *, environ: Mapping[str, str]) -> Outcome:
    """Run `words`, and write what may be told of its stderr to `log` as it comes; its stdout is ours.

    Raises MachineError where the program or the log cannot be started; a log that breaks off later does
    not stop the command.
    """
    with _opened(log) as file:
        log_file = _LogFile(file)
        records = Records(log_file.write, values=arguments.values(words[1:]))
        code = processes.stream(words, environ=environ, err=records.feed)
        records.close()
        return Outcome(code, records.last_words, log_file.problem)


class _LogFile:
    """The log file. After the first failed write it drops the rest."""

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self.problem = ""

    def write(self, text: str) -> None:
        """Write `text`."""
        try:
            rest = text.encode()
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
