"""Compare two texts, or merge three with `git merge-file`. The files they come from are not touched."""

import difflib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system.programs import processes

UNENDED = "<no line break at the end>"
MOST_CONFLICTS = 127  # git merge-file exits with their number, cut at 127; from 128 on it is an error


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged text, and the number of places that both sides changed differently."""

    text: str
    conflicts: int


def three_way(mine: str, base: str, theirs: str) -> Merged:
    """Merge what `theirs` changed since `base` into `mine`. Raises MachineError where git cannot."""
    with tempfile.TemporaryDirectory(prefix="rolecall-") as folder:
        paths = []
        for name, text in (("yours", mine), ("before", base), ("rendered", theirs)):
            path = Path(folder) / name
            path.write_text(text, encoding="utf-8")
            paths.append(str(path))
        labels = ["-L", "yours", "-L", "as rendered before", "-L", "as rendered now"]
        done = processes.run(["git", "merge-file", "-p", *labels, *paths])
    if done.code > MOST_CONFLICTS or done.code < 0:
        raise MachineError("merge-failed", f"git merge-file: {done.err.strip()}", hint="invoke doctor")
    return Merged(done.out, done.code)


def diff(old: str, new: str, name: str) -> str:
    """Return a unified diff with three lines of context; empty where the texts are equal.

    Only a newline ends a line, as for bash: Python's splitlines knows seven other ends, and a check that one
    of those draws into the comment above it would be gone unseen.
    """
    labels = (f"{name} (now)", f"{name} (after)")
    return "\n".join(difflib.unified_diff(_lines(old), _lines(new), *labels, lineterm="", n=3))


def _lines(text: str) -> list[str]:
    *whole, last = text.split("\n")
    return [*whole, *([f"{last}{UNENDED}"] if last else [])]
