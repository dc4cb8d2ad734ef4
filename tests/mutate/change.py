"""What a change is: one file, in one place, with other text there."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Change:
    """The file `path` with `text` in place of what it has; `line` is where, `kind` says how."""

    path: Path
    line: int
    kind: str
    text: str

    @property
    def place(self) -> tuple[Path, int]:
        """The line that is changed: a sample takes one change of a line before it takes another."""
        return self.path, self.line

    @property
    def name(self) -> str:
        """What a person reads."""
        return f"{self.path.relative_to(ROOT)}:{self.line} {self.kind}"

    @property
    def diff(self) -> str:
        """The lines that differ."""
        own = self.path.read_text(encoding="utf-8").splitlines()
        lines = difflib.unified_diff(own, self.text.splitlines(), lineterm="", n=0)
        return "\n".join(f"    {line}" for line in lines if line[:3] not in {"---", "+++"})


def replaced(source: str, start: int, end: int, text: str) -> str:
    """Return `source` with `text` between two offsets."""
    return f"{source[:start]}{text}{source[end:]}"


def by_place(changes: Iterable[Change]) -> dict[tuple[Path, int], list[Change]]:
    """Return the changes of each line."""
    found: dict[tuple[Path, int], list[Change]] = {}
    for change in changes:
        found.setdefault(change.place, []).append(change)
    return found
