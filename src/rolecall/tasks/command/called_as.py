"""How this process was called: what the person typed before the name of a task of ours.

Tells `system.command`, which puts it into every message. Must not parse the words after it.
"""

import os
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from invoke.collection import Collection

from rolecall.system import command
from rolecall.system.disk import paths
from rolecall.system.programs import processes
from rolecall.system.python import origin


def invoke(
    collection: Collection, argv: Sequence[str], environ: MutableMapping[str, str] = os.environ
) -> str:
    """Return what stands before a task's name where Invoke itself was called, with `collection` loaded.

    `python3 tasks.py` became Invoke and left word of how it was called; children must not inherit that.
    """
    name = within(collection)
    bare = environ.pop(command.VARIABLE, "")
    if displaced(collection):
        return command.OWN  # `invoke setup` would be the project's: every hint names the command that is ours
    return f"{bare or program(argv, 'invoke')}{name}"


def displaced(collection: Collection) -> frozenset[str]:
    """Return the names in our collection under which the project has a task of its own."""
    prefix = within(collection)
    tasks = {name.removeprefix(prefix): task for name, task in _tasks(collection) if name.startswith(prefix)}
    return frozenset(name for name in command.TASKS if name in tasks and not _is_ours(tasks[name]))


def program(argv: Sequence[str], usual: str) -> str:
    """Return the program of `argv` with the space after it, as the person can type it again.

    Its name alone where PATH leads to that very file; else the path that was typed. `usual` where Python was
    given a module (`-m`), which has no name of its own on a command line.
    """
    typed = argv[0] if argv else usual
    name = Path(typed).name
    if name == "__main__.py":
        return f"{usual} "
    found = processes.find(name)
    is_same = found is not None and found.resolve() == Path(typed).resolve()
    return f"{name} " if is_same else f"{paths.typed(typed)} "


def within(collection: Collection) -> str:
    """Return the name of the collection in which our tasks are, with its dot; empty where it is the root."""
    ours = {name: task.body.__name__ for name, task in _tasks(collection) if _is_ours(task)}
    return next((name.removesuffix(own) for name, own in ours.items() if name.endswith(own)), "")


def _is_ours(task: Any) -> bool:
    return bool(task.body.__module__.startswith("rolecall.tasks."))


def _tasks(collection: Collection, above: str = "") -> Iterator[tuple[str, Any]]:
    yield from ((f"{above}{name}", task) for name, task in collection.tasks.items())
    for name, inner in collection.collections.items():
        yield from _tasks(inner, f"{above}{name}.")


def of_module(argv: Sequence[str] = sys.argv) -> str:
    """Return the command of the program `rolecall`, also where it was started as `python -P -m rolecall`."""
    if origin.is_throw_away() and (again := origin.run_command()):
        return f"{again} "
    if Path(argv[0]).name == "__main__.py":
        return f"{paths.typed(sys.executable)} -P -m rolecall "
    return program(argv, "rolecall")
