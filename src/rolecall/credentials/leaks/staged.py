"""The lines that a commit would add, each with its file and number.

One `git diff --cached`, without anything that a repository may configure to run.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system.programs import processes
from rolecall.system.python.frozen import dataclass, field

QUIET = ("-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "-c", "diff.noprefix=false")
DIFF = (
    *("diff", "--cached", "--unified=0", "--text", "--no-color", "--no-ext-diff", "--no-textconv"),
    *("--no-renames", "--diff-filter=d", "--src-prefix=a/", "--dst-prefix=b/", "--ignore-submodules"),
)
HUNK = re.compile(r"@@ -\S+ \+(\d+)")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that the commit adds."""

    file: str
    number: int
    text: str = field(repr=False)


def lines(root: Path, *, environ: Mapping[str, str] = os.environ) -> list[Line]:
    """Return the added lines of what is staged in the repository around `root`; none outside of one.

    Raises MachineError where git cannot say: a commit must not pass unseen.
    """
    if not processes.run(["git", "rev-parse", "--git-dir"], folder=root, environ=environ).is_ok:
        return []
    done = processes.run(["git", *QUIET, *DIFF], folder=root, environ=environ)
    if not done.is_ok:
        says = done.err.strip().splitlines()[-1:] or ["no reason was given"]
        raise MachineError("git-failed", f"git cannot say what is staged: {says[0]}", hint="git status")
    return list(_added(done.out))


def _added(text: str) -> Iterator[Line]:
    file, number, is_head = "", 0, False
    for line in text.split("\n"):
        if line.startswith("diff --git "):
            is_head = True
        elif is_head and line.startswith("+++ "):
            file = line[4:].rstrip("\t").strip('"').removeprefix("b/")
        elif line.startswith("@@ "):
            found = HUNK.match(line)
            number, is_head = int(found[1]) if found else 0, False
        elif line.startswith("+") and not is_head:
            yield Line(file, number, line[1:])
            number += 1
