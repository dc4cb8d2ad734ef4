"""The program `rolecall`: the packaged tasks as a command of its own, in any folder.

Reads no configuration of Invoke, neither the person's nor the project's (`invoke.py` there would be code that
runs). Must not know what a task does.
"""

import difflib
import inspect
import os
import re
import sys
from importlib import metadata

from invoke.config import Config
from invoke.exceptions import Exit, ParseError
from invoke.parser.argument import Argument
from invoke.program import Program

from rolecall.errors import EXIT_INTERRUPTED, EXIT_USAGE
from rolecall.system import command
from rolecall.system.person import person
from rolecall.tasks import namespace, usage
from rolecall.tasks.command import called_as, positional

KEPT = frozenset(
    "help list version complete debug dry list-depth list-format print-completion-script write-pyc".split()  # noqa: SIM905 - reads as words
)
UNKNOWN = re.compile(r"No idea what '(.*)' is!")  # Invoke's own words
LACKING = re.compile(r"Flag <Argument: ([\w-]+).*> needed value")
OPTIONS = (
    ("--help [TASK]", "show this, or a task's own help"),
    ("--list", "list the tasks"),
    ("--version", "show the version"),
)


class OwnConfig(Config):
    """Invoke's defaults and nothing else: no file, no environment."""

    def load_base_conf_files(self) -> None:
        """Read none of the files in /etc and in the home folder."""

    def load_shell_env(self) -> None:
        """Take nothing from the environment."""


class Rolecall(Program):
    """Invoke's parser over the packaged tasks, with help and errors of our own."""

    def __init__(self) -> None:
        super().__init__(
            name="rolecall", binary="rolecall", namespace=namespace, version=version(), config_class=OwnConfig
        )

    def core_args(self) -> list[Argument]:
        """Return the flags before a task; those that are about Invoke's own commands are left out."""
        return [argument for argument in super().core_args() if argument.name in KEPT]

    def normalize_argv(self, argv: list[str] | None) -> None:
        """Take the words; a role may be given by its place."""
        super().normalize_argv(argv)
        self.argv = [*self.argv[:1], *positional.with_role(self.argv[1:], namespace.to_contexts())]

    def parse_core(self, argv: list[str] | None) -> None:
        """Parse the flags before a task."""
        try:
            super().parse_core(argv)
        except ParseError as problem:
            raise _refused(problem) from problem
        except ValueError as problem:  # what Invoke makes a number of, of the flags in KEPT
            raise _refused(ParseError("--list-depth needs a number")) from problem
        finally:
            sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))  # Invoke sets it

    def parse_tasks(self) -> None:
        """Parse the tasks and their flags."""
        try:
            super().parse_tasks()
        except ParseError as problem:
            raise _refused(problem) from problem

    def parse_cleanup(self) -> None:
        """Answer what needs no task: help, lists."""
        try:
            usage.refuse_odd_list(self)
            super().parse_cleanup()
        except ParseError as problem:
            raise _refused(problem) from problem

    def update_config(self, merge: bool = True) -> None:
        """Keep the defaults; of the flags only `--dry` matters: a task refuses it."""
        self.config.load_overrides({"run": {"dry": self.args.dry.value}}, merge=merge)

    def print_help(self) -> None:
        """Print what `rolecall` alone, and `rolecall --help`, say."""
        print("Usage: rolecall TASK [OPTIONS]\n       rolecall --help TASK\n\nOptions:\n")
        self.print_columns(OPTIONS)
        self.list_tasks()

    def print_task_help(self, name: str) -> None:
        """Print the help of one task."""
        rows = self.parser.contexts[name].help_tuples()
        print(f"Usage: rolecall {name}{' [OPTIONS]' if rows else ''}\n")
        print(f"{inspect.getdoc(self.collection[name])}\n")
        if rows:
            print("Options:\n")
            self.print_columns(rows)

    def task_list_opener(self, extra: str = "") -> str:  # noqa: ARG002 - Invoke's signature
        """Return the heading of the list."""
        return "Tasks"


def version() -> str:
    """Return the installed version."""
    try:
        return metadata.version("rolecall")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def main(argv: list[str] | None = None) -> None:
    """Run the program; this is what the script `rolecall` calls."""
    command.use(called_as.of_module(sys.argv))
    try:
        Rolecall().run(argv)
    except KeyboardInterrupt:
        raise SystemExit(EXIT_INTERRUPTED) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whoever read us has gone; not our failure


def _refused(problem: ParseError) -> Exit:
    """Say what is wrong with the words, and return the end of the program."""
    says, task = str(problem), problem.context.name if problem.context else None
    if unknown := UNKNOWN.fullmatch(says):
        kind = "flag" if unknown[1].startswith("-") else "task"
        says = f"there is no {kind} {unknown[1]}" + (f" of {task}" if kind == "flag" and task else "")
        if kind == "task":
            task = next(iter(difflib.get_close_matches(unknown[1], namespace.task_names, n=1)), None)
    elif lacking := LACKING.match(says):
        says = f"--{lacking[1]} needs a value"
    person.say(says)
    person.advise(f"invoke --help {task}" if task else "invoke --list")
    return Exit(code=EXIT_USAGE)
