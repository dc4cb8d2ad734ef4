"""One answer of doctor: how much it matters, what was found, and the command that fixes it."""

import enum
from collections.abc import Callable
from dataclasses import dataclass, field


class Level(enum.StrEnum):
    """How much it matters."""

    OK = "ok"
    FACT = "fact"  # how it is set up: neither right nor wrong, and always shown
    NOTE = "note"  # worth knowing; nothing is broken
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Symptom:
    """A stable id, how much it matters, one line, and the command that fixes it.

    `mend` does what `fix` says, where that is safe to do unasked; only `doctor --fix` calls it.
    """

    id: str
    level: Level
    detail: str
    fix: str = ""
    mend: Callable[[], None] | None = field(default=None, repr=False)


def fine(symptom_id: str, detail: str) -> Symptom:
    """Return the symptom of a check that found nothing wrong."""
    return Symptom(symptom_id, Level.OK, detail)


def fact(symptom_id: str, detail: str) -> Symptom:
    """Return a symptom that says how something is set up."""
    return Symptom(symptom_id, Level.FACT, detail)


def note(symptom_id: str, detail: str, fix: str = "") -> Symptom:
    """Return a symptom that is worth knowing."""
    return Symptom(symptom_id, Level.NOTE, detail, fix)


def problem(symptom_id: str, detail: str, fix: str, *, mend: Callable[[], None] | None = None) -> Symptom:
    """Return a symptom that keeps something from working."""
    return Symptom(symptom_id, Level.PROBLEM, detail, fix, mend)
