"""What can be wrong with a machine beyond the steps of setup: each module looks at one corner of it.

Owns: what a symptom is.
Must not: mend anything without being asked (doctor --fix calls `mend`).
Called by: doctor, which only collects.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass, field


class Level(enum.StrEnum):
    """How much it matters."""

    OK = "ok"
    NOTE = "note"  # worth knowing; nothing is broken
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Symptom:
    """One answer of doctor: a stable id, how much it matters, one line, and the command that fixes it.

    `mend` does what `fix` says, where that is safe to do unasked.
    """

    id: str
    level: Level
    detail: str
    fix: str = ""
    mend: Callable[[], None] | None = field(default=None, repr=False)
