"""What several projects of one user share: the rc blocks, the completion scripts, installed programs.

Owns: who takes over such a thing when the project that brought it is torn down.
Must not: undo anything, or touch a journal other than by adding a record.
Called by: shells, completion, prerequisites, each in its undo.
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

    That project's teardown then takes the thing back. The folders that were not there before go along.
    """
    heir = next(_others(context), None)
    if heir is None:
        return None
    known = heir.read()
    own = Journal(context.root, context.environ).read()
    for inherited in (*(other for other in own if other.step == FOLDERS_STEP), record):
        if inherited not in known:
            heir.append(inherited)
    return heir.root


def _others(context: Context) -> Iterator[Journal]:
    """Yield the journals of other projects whose rendered `.envrc` is still there."""
    own = journal.folder(context.root, environ=context.environ)
    for path in sorted(paths.state_dir(environ=context.environ).glob(f"*/{journal.NAME}")):
        for root in _roots(path) if path.parent != own else ():
            other = Journal(root, context.environ)
            if other.path == path:
                yield other


def _roots(path: Path) -> list[Path]:
    """The folders whose `.envrc` that journal tells of, where it still is."""
    told = (Path(record.facts.get("path", "")) for record in journal.parse(files.read_text(path) or ""))
    return list(dict.fromkeys(file.parent for file in told if file.name == RENDERED and file.is_file()))
