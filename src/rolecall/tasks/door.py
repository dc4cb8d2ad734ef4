"""The people's door: what every task has in common.

Owns: turning errors into one line, a hint and an exit code, and a bug into a log that can be pasted.
Must not: know any task.
Called by: every task module, through the decorator `task`.
"""

import functools
import os
import re
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from invoke.tasks import task as invoke_task

from rolecall.errors import EXIT_BUG, EXIT_INTERRUPTED, MachineError, RolecallError, UsageError
from rolecall.project import config
from rolecall.project.config import Project
from rolecall.system import files, paths, person, terminal

SECRETS = re.compile(r"(?<![A-Za-z0-9/+=])(?:[A-Za-z0-9/+=]{40,}|(?:AKIA|ASIA)[A-Z0-9]{12,})")


def task(**options: Any) -> Callable[[Callable[..., None]], Any]:
    """Make an Invoke task of a function that may raise RolecallError. Takes what `invoke.task` takes."""

    def decorate(function: Callable[..., None]) -> Any:
        @functools.wraps(function)
        def guarded(*words: Any, **flags: Any) -> None:
            try:
                function(*words, **flags)
            except RolecallError as problem:
                _fail(problem)
            except KeyboardInterrupt:
                sys.stderr.write("\n")
                raise SystemExit(EXIT_INTERRUPTED) from None
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whoever read us has gone; not our failure
                raise SystemExit(0) from None
            except Exception as problem:  # noqa: BLE001 - the last line of defence writes the log
                _report_bug(problem)

        return invoke_task(**options)(guarded)

    return decorate


def here() -> Project:
    """Return the project around the current folder. Raises ConfigError."""
    return config.load(paths.project_root())


def command(task_name: str) -> Sequence[str]:
    """Return the words after `--`, each as it was quoted. Raises UsageError where there are none.

    From sys.argv: Invoke joins them with spaces, which loses the quoting.
    """
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    if not words:
        raise UsageError(
            "command-missing", f"{task_name}: no command given", hint=f"invoke {task_name} -- COMMAND"
        )
    return words


def end_if_alone(task_name: str) -> None:
    """End the process now if `invoke TASK` was all of it: tidying the SDK away takes Python another 40 ms."""
    program = Path(sys.argv[0])
    is_invoke = program.name in {"invoke", "inv"} or program.parts[-2:] == ("invoke", "__main__.py")
    if is_invoke and sys.argv[1:] == [task_name]:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _fail(problem: RolecallError) -> NoReturn:
    if terminal.in_hook():  # one line: this is somebody's `cd`
        person.say(str(problem))
    else:
        person.say(problem.message)
        if problem.hint:
            sys.stderr.write(f"  try: {problem.hint}\n")
    raise SystemExit(problem.exit_code)


def _report_bug(problem: Exception) -> NoReturn:
    import importlib.metadata
    import platform

    first = "".join(_redacted(str(problem)).splitlines()[:1])
    person.say(f"a bug in rolecall: {type(problem).__name__}: {first}")
    versions = f"rolecall {importlib.metadata.version('rolecall')}, Python {platform.python_version()}"
    head = f"{versions}, {platform.platform()}\n"
    text = _redacted("".join([head, *traceback.format_exception(problem)]))
    try:
        folder = files.private_dir(paths.state_dir() / "bugs")
        log = folder / time.strftime("%Y%m%d-%H%M%S.log")
        files.write_private(log, text)
        sys.stderr.write(f"  please report it with {log} (secrets are taken out)\n")
    except MachineError:
        sys.stderr.write(text)
    raise SystemExit(EXIT_BUG)


def _redacted(text: str) -> str:
    return SECRETS.sub("[removed]", text).replace(str(Path.home()), "~")
