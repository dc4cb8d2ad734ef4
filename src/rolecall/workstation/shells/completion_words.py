"""The tasks of the project in this folder, and the flags of each, one task on a line.

Owns: asking Invoke what there is.
Must not: be imported where nobody completes: it brings Invoke and the project's own tasks.
Called by: `python -m rolecall.workstation.shells.completion_words`, which completion runs once at setup.
"""


def lines() -> list[str]:
    """Return "NAME FLAG FLAG …" for every task of the nearest `tasks.py`, its aliases too."""
    from invoke.collection import Collection
    from invoke.loader import FilesystemLoader

    module, _ = FilesystemLoader(start=".").load("tasks")
    found = []
    for context in Collection.from_module(module).to_contexts():
        flags = " ".join(context.flag_names())
        found += [f"{name} {flags}".strip() for name in (context.name, *context.aliases) if name]
    return sorted(found)


if __name__ == "__main__":
    print("\n".join(lines()))  # noqa: T201 - this is the answer
