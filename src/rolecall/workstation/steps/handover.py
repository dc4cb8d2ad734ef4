"""Things that several projects of one user share: rc blocks, completion scripts, installed programs.

When the project that installed one is torn down, another project that is set up here takes it over. This
module undoes nothing itself: it only adds the record to the other project's journal. A project whose folder
was deleted, renamed or moved keeps nothing alive: the last one takes its shared things along.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from rolecall.system.disk import paths
from rolecall.workstation.steps import journal
from rolecall.workstation.steps.journal import FOLDERS_STEP, Journal
from rolecall.workstation.steps.step import Context, Record

ENVRC = ".envrc"


def hand_over(
    record: Record, context: Context, *, shares: Callable[[Path], bool] = lambda _root: True
) -> Path | None:
    """Give `record` to another project that is set up here and `shares` it; return its folder, or None.

    That project's teardown then undoes it, and removes the folders that were not there before.
    """
    other = next((found for found in others(context) if shares(found.root)), None)
    if other is None:
        return None
    known = other.read()
    own = journal.of(context).read()
    for moved in (*(found for found in own if found.step == FOLDERS_STEP), record):
        if moved not in known:
            other.append(moved)
    return other.root


def user(context: Context, *, shares: Callable[[Path], bool] = lambda _root: True) -> Path | None:
    """Return the folder of another project that is set up here and `shares` what a record says, or None."""
    return next((found.root for found in others(context) if shares(found.root)), None)


def kept(
    record: Record, context: Context, name: str, *, shares: Callable[[Path], bool] = lambda _root: True
) -> str:
    """Hand `record` over; return the line that says so, or an empty one where no other project is there."""
    other = hand_over(record, context, shares=shares)
    return f"kept {name}: {other} uses it too" if other else ""


def others(context: Context) -> Iterator[Journal]:
    """Yield the journals of the other projects that are set up here and still have their `.envrc`."""
    return (found for found in _known(context) if (found.root / ENVRC).is_file())


def gone(context: Context) -> Iterator[Journal]:
    """Yield the journals of projects whose folder is no longer where it was set up."""
    return (found for found in _known(context) if not found.root.exists())


def _known(context: Context) -> Iterator[Journal]:
    state, own = paths.state_dir(environ=context.environ), journal.of(context).path
    for path in sorted(state.rglob(journal.NAME)) if state.is_dir() else ():
        root = paths.project_of(str(path.parent.relative_to(state)))
        if root and path != own:
            yield Journal(Path(root), context.environ)
