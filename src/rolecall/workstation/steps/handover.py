"""Things that several projects of one user share: rc blocks, completion scripts, installed programs.

When the project that installed one is torn down, another project that is set up here takes it over. This
module undoes nothing itself: it only adds the record to the other project's journal.
"""

from collections.abc import Iterator
from pathlib import Path

from rolecall.system import files, paths
from rolecall.workstation.steps import journal
from rolecall.workstation.steps.journal import FOLDERS_STEP, Journal
from rolecall.workstation.steps.step import Context, Record

RENDERED = ".envrc"


def hand_over(record: Record, context: Context) -> Path | None:
    """Give `record` to another project that is set up on this machine; return its folder, or None.

    That project's teardown then undoes it, and removes the folders that were not there before.
    """
    other = next(_others(context), None)
    if other is None:
        return None
    known = other.read()
    own = journal.of(context).read()
    for moved in (*(found for found in own if found.step == FOLDERS_STEP), record):
        if moved not in known:
            other.append(moved)
    return other.root


def kept(record: Record, context: Context, name: str) -> str:
    """Hand `record` over; return the line that says so, or an empty one where no other project is there."""
    other = hand_over(record, context)
    return f"kept {name}: {other} uses it too" if other else ""


def _others(context: Context) -> Iterator[Journal]:
    """Yield the journals of other projects whose rendered `.envrc` is still there."""
    own = journal.of(context).folder
    for path in sorted(paths.state_dir(environ=context.environ).glob(f"*/{journal.NAME}")):
        for root in _roots(path) if path.parent != own else ():
            other = Journal(root, context.environ)
            if other.path == path:
                yield other


def _roots(path: Path) -> list[Path]:
    """Return the folders whose `.envrc` the journal at `path` names, where that file still exists."""
    named = (Path(record.facts.get("path", "")) for record in journal.parse(files.read_text(path) or ""))
    return list(dict.fromkeys(file.parent for file in named if file.name == RENDERED and file.is_file()))
