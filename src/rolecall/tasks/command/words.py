"""The words that tab completes: each task, its flags, and what can stand after a flag; one task a line.

"NAME FLAG FLAG= FLAG=VALUE,VALUE FLAG=@KIND": a flag with `=` takes a value, of a list or of a kind that the
shells know (@roles, @profiles, @tasks). "@roles" alone stands for a role given by its place. The line of "@"
has the flags before any task. Setup runs this module as a program of its own: `--program`, `--project`, or
both, with an empty line between them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from invoke.collection import Collection

CORE = "@ --help=@tasks --list --version"
ROLES, PROFILES = "@roles", "@profiles"


def of_program() -> list[str]:
    """Return the lines of the program `rolecall`."""
    from rolecall.tasks import namespace

    return [CORE, *_lines(namespace, is_by_place=True)]


def of_project() -> list[str]:
    """Return the lines of the nearest `tasks.py`: all tasks of the project, ours among them."""
    from invoke.loader import FilesystemLoader

    module, _ = FilesystemLoader(start=".").load("tasks")
    return [CORE, *_lines(Collection.from_module(module), is_by_place=False)]


def _lines(collection: Collection, *, is_by_place: bool) -> list[str]:
    known, found = _values(), []
    for context in collection.to_contexts():
        name = str(context.name)
        is_ours = collection[name].body.__module__.startswith("rolecall.tasks.")
        words = list(_flags(context, known if is_ours else {}))
        if is_by_place and "role" in context.args:
            words.insert(0, ROLES)
        found += [" ".join((each, *words)) for each in (name, *context.aliases)]
    return sorted(found)


def _flags(context: Any, known: Mapping[str, str]) -> Iterable[str]:
    for flag in context.flag_names():
        is_inverse = flag not in context.flags  # --no-X
        takes_value = not is_inverse and context.flags[flag].takes_value
        yield f"{flag}={known.get(context.flags[flag].name, '')}" if takes_value else flag


def _values() -> dict[str, str]:
    """Return what can stand after a flag of ours, by the flag's name: the same in every task."""
    from rolecall.credentials.aws import regions
    from rolecall.credentials.formats.table import FORMATS
    from rolecall.services.console import places
    from rolecall.workstation.envrc import draft, way
    from rolecall.workstation.programs.catalogue import ON_REQUEST

    services = {*places.PATHS, "cloudformation", "cloudwatch", "ec2", "lambda", "rds", "s3"} - {""}
    return {
        "role": ROLES,
        "profile": PROFILES,
        "format": ",".join(FORMATS),
        "envrc": ",".join(way.CHOICES),
        "on-edit": ",".join(draft.CHOICES),
        "on_edit": ",".join(draft.CHOICES),
        "region": ",".join(sorted(name for names in regions.by_partition().values() for name in names)),
        "service": ",".join(sorted(services)),
        "tool": ",".join(tool.name for tool in ON_REQUEST),
    }


if __name__ == "__main__":
    import sys

    parts = {"--program": of_program, "--project": of_project}
    print("\n\n".join("\n".join(parts[flag]()) for flag in sys.argv[1:]))
