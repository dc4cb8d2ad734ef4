"""The people's door: what every task has in common.

Turns an expected error into one line, a hint and an exit code, and a bug into a log that can be pasted. Must
not know any task.
"""

import functools
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from invoke.parser.argument import Argument
from invoke.tasks import Task
from invoke.tasks import task as invoke_task

from rolecall.errors import EXIT_INTERRUPTED, RolecallError, UsageError
from rolecall.project import config
from rolecall.project.declared import Project
from rolecall.system import bug_report
from rolecall.system.disk import paths
from rolecall.system.person import person, terminal
from rolecall.tasks import usage

CHATTY = ("boto3", "botocore", "urllib3", "s3transfer")


def quieten() -> None:
    """Keep the SDK's debug records out of `invoke -d` and INVOKE_DEBUG: they hold AWS's answers, with keys.

    `invoke debug` is the way to see them, without secrets.
    """
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.INFO)


class Flagged(Task[Callable[..., None]]):
    """A task whose flags may be read more than once, and none of whose short flags is a second dash."""

    def arg_opts(self, name: str, default: Any, taken_names: set[str]) -> dict[str, Any]:
        """Return what a flag is made of; its short one is the first free character of its name, no dash."""
        return super().arg_opts(name, default, {*taken_names, "-"})

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        """Return the flags; Invoke takes each help text out of the task as it reads it."""
        kept = dict(self.help)
        try:
            return super().get_arguments(ignore_unknown_help)
        finally:
            self.help = kept


def task(**options: Any) -> Callable[[Callable[..., None]], Any]:
    """Make an Invoke task of a function that may raise RolecallError. Takes what `invoke.task` takes."""

    def decorate(function: Callable[..., None]) -> Any:
        @functools.wraps(function)
        def guarded(*words: Any, **flags: Any) -> None:
            try:
                quieten()
                usage.refuse_dry(words[0], options.get("name", function.__name__))
                function(*words, **flags)
            except RolecallError as problem:
                fail(problem)
            except KeyboardInterrupt:
                interrupted()
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whoever read us has gone; not our failure
                raise SystemExit(0) from None
            except Exception as problem:
                raise SystemExit(bug_report.write(problem)) from problem

        return invoke_task(klass=Flagged, **options)(guarded)

    return decorate


def root() -> Path:
    """Return the folder of the project that is meant. Raises ConfigError."""
    return paths.project_root(start())


def start() -> Path | None:
    """Return where to look for the project: None for the current folder.

    The folder of the `tasks.py` that Invoke found where that lies elsewhere (`--search-root`).
    """
    loaded = getattr(sys.modules.get("tasks"), "__file__", None)
    above = Path(loaded).resolve().parent if loaded else None
    is_elsewhere = above is not None and not Path.cwd().resolve().is_relative_to(above)
    return above if is_elsewhere else None


def here() -> Project:
    """Return the project that is meant. Raises ConfigError."""
    return config.load(root())


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
    """End the process now if TASK was all of the command: tidying the SDK away takes Python another 40 ms."""
    program = Path(sys.argv[0])
    is_command = program.name in {"rolecall", "invoke", "inv"} or program.name == "__main__.py"
    if is_command and sys.argv[1:] == [task_name]:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def fail(problem: RolecallError) -> NoReturn:
    """Say what failed and what helps, and end with its exit code."""
    if terminal.in_hook():  # one line: this is somebody's `cd`
        person.say(str(problem))
    else:
        person.say(problem.message)
        person.advise(problem.hint)
    raise SystemExit(problem.exit_code)


def interrupted() -> NoReturn:
    """End as a program does after Ctrl-C."""
    sys.stderr.write("\n")
    raise SystemExit(EXIT_INTERRUPTED) from None
