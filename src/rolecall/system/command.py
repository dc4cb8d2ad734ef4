"""The command that a person types for a task: `rolecall X`, `invoke X`, `invoke aws.X`, `python3 tasks.py X`.

All code, and what it says, writes a command as `invoke X`, and the start from a bare Python as
`python3 tasks.py X`. A door says once how it was called (`use`); what reaches a person passes `spoken`. Must
not find out how it was called: that is the door's to know. A `cd` loads this module.
"""

import os

WRITTEN = "invoke "
BARE = "python3 tasks.py "
OWN = "rolecall "
VARIABLE = "ROLECALL_COMMAND"  # how `.envrc` tells the machines' door
INSIDE = ("-", "_", ".", "/")  # before the word: "/venv/bin/invoke X" is a program's path, which stays
FLAGS = ("--help ", "--list")
TASKS = frozenset(
    "assume console debug doctor exec leaks lock login render review roles sandbox".split()  # noqa: SIM905
    + "serve setup status teardown whoami".split()  # noqa: SIM905
)
PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

_used = [WRITTEN]


def use(prefix: str) -> None:
    """Say what the person types before a task's name: "rolecall ", or "invoke aws."."""
    _used[0] = prefix


def used() -> str:
    """Return what stands before a task's name in the commands that this process speaks of."""
    return _used[0]


def is_own(prefix: str | None = None) -> bool:
    """Return whether the program is `rolecall` itself: then nothing of the project was loaded."""
    import shlex

    program = shlex.split(used() if prefix is None else prefix)
    return os.path.basename(program[-1]) == OWN.strip()


def usual() -> str:
    """Return what stands before a task's name where nobody says how this process was called."""
    return WRITTEN if in_checkout() else OWN


def spoken(text: str, *, prefix: str | None = None, is_checkout: bool | None = None) -> str:
    """Return `text` with each command in it as this person types it.

    Only a word that is a task of ours makes a command of what stands there: other words stay as they are.
    """
    chosen = used() if prefix is None else prefix
    if WRITTEN in text and chosen != WRITTEN:
        text = _replaced(text, WRITTEN, chosen)
    if BARE in text and chosen != BARE and not (in_checkout() if is_checkout is None else is_checkout):
        text = _replaced(text, BARE, chosen)
    return text


def in_checkout() -> bool:
    """Return whether this rolecall lives in a checkout, whose `tasks.py` starts with a bare Python."""
    return os.path.isfile(os.path.join(os.path.dirname(os.path.dirname(PACKAGE)), "tasks.py"))


def _replaced(text: str, written: str, chosen: str) -> str:
    said, *parts = text.split(written)
    for part in parts:
        is_inside = said[-1:].isalnum() or said[-1:] in INSIDE
        said += written + part if is_inside else _typed(written, chosen, part)
    return said


def _typed(written: str, chosen: str, part: str) -> str:
    """Return the command that begins with `written` and goes on with `part`, in the words of `chosen`."""
    program, _, collection = chosen.rpartition(" ")
    flag = next((flag for flag in FLAGS if part.startswith(flag)), "")
    rest = part[len(flag) :]
    end = next((at for at, letter in enumerate(rest) if not letter.isalpha()), len(rest))
    if rest[:end] in TASKS:
        return f"{program} {flag}{collection}{rest}"
    return f"{program} {part}" if flag == "--list" else written + part
