"""A command line that means nothing: exit code 2, whatever the door.

Invoke gives 1 to an unknown task or flag, and takes `--dry` for tasks that it cannot keep from acting. Its
own flags (`invoke -T abc`) it reads before a project's `tasks.py`: those keep Invoke's exit code, 1.
"""

from collections.abc import Callable
from typing import Any

from invoke.exceptions import Exit, ParseError
from invoke.program import Program

from rolecall.errors import EXIT_USAGE, UsageError
from rolecall.system import command
from rolecall.system.person import person
from rolecall.tasks.command import called_as

LIST_FORMATS = ("flat", "nested", "json")  # Invoke's `--list-format`


def refuse_dry(context: Any, task_name: str) -> None:
    """Raise UsageError where Invoke was told `--dry`: it holds back Invoke's own commands, not a task's."""
    if context.config.run.dry:
        hint = "invoke setup --plan" if task_name == "setup" else f"invoke --help {task_name}"
        raise UsageError("dry", f"{task_name} cannot be tried with --dry; nothing was done", hint=hint)


def name_of(role: str | None) -> str:
    """Return the role that `--role` names; nothing where the flag was not given.

    Raises UsageError for an empty one: a script's empty variable must not mean the default role.
    """
    if role == "":
        raise UsageError("role-empty", "--role is empty: it names no role", hint="invoke roles")
    return role or ""


def _say_displaced(program: Program) -> None:
    """Say where a task of the project's own runs under a name that rolecall has, too."""
    prefix, taken = called_as.within(program.collection), called_as.displaced(program.collection)
    for context in program.tasks:
        name = str(context.name).removeprefix(prefix)
        if name in taken:
            person.say(f"{context.name} is a task of this project's own; rolecall's is: {command.OWN}{name}")


def refuse_odd_list(program: Program) -> None:
    """Raise ParseError where `--list` names no collection, or a format that Invoke does not know."""
    wanted, shape = program.args["list"].value, program.args["list-format"].value
    if wanted and shape not in LIST_FORMATS:
        raise ParseError("--list-format is flat, nested or json")
    if isinstance(wanted, str):
        try:
            program.collection.subcollection_from_path(wanted)
        except KeyError:
            raise ParseError(f"there is no collection {wanted}") from None


def exit_with_2() -> None:
    """Let Invoke end with exit code 2 where it cannot parse the words after its own flags.

    The tasks are loaded by then, so this is also where it is told how it was called. `--help` is parsed last.
    """
    plain, cleanup = Program.parse_tasks, Program.parse_cleanup

    def parse_tasks(self: Program) -> None:
        if self.namespace is not None:
            plain(self)  # a program with tasks of its own says in its own words what is wrong
            return
        command.use(called_as.invoke(self.collection, self.argv))
        _refused_with_2(plain, self)
        _say_displaced(self)

    def parse_cleanup(self: Program) -> None:
        if self.namespace is not None:
            cleanup(self)
            return
        _refused_with_2(refuse_odd_list, self)
        _refused_with_2(cleanup, self)

    if plain.__name__ == "parse_tasks" and plain.__module__ == Program.__module__:
        Program.parse_tasks = parse_tasks  # type: ignore[method-assign] # the collection is loaded by then
        Program.parse_cleanup = parse_cleanup  # type: ignore[method-assign] # as above


def _refused_with_2(parse: Callable[[Program], None], program: Program) -> None:
    try:
        parse(program)
    except ParseError as problem:
        raise Exit(str(problem), code=EXIT_USAGE) from problem
