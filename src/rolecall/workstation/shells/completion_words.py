"""Print the tasks of the project in this folder and their flags, one task a line.

Setup runs this module once, as a program of its own: it loads Invoke and the project's tasks.
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
