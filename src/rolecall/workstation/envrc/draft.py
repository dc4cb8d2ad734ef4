"""Work out what `.envrc` should become: from the file now, the last rendering, and a rendering of today.

This module only reads.
"""

import enum
from dataclasses import dataclass

from rolecall.system import files
from rolecall.workstation.envrc import merge, render
from rolecall.workstation.steps import journal
from rolecall.workstation.steps.step import Context

FILE = ".envrc"
BASE = "envrc.base"
CHOICES = ("merge", "keep", "replace")


class Case(enum.StrEnum):
    """What stands at `.envrc` now."""

    ABSENT = "absent"
    RENDERED = "rendered"
    EDITED = "edited"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of `.envrc` now and as it should be; `conflicts` counts places only a person can merge."""

    case: Case
    old: str
    new: str
    rendered: str
    conflicts: int = 0
    is_decided: bool = False  # the person chose by --on-edit

    @property
    def needs_decision(self) -> bool:
        """Whether only a person can say what becomes of this `.envrc`."""
        return not self.is_decided and (self.case is Case.FOREIGN or self.conflicts > 0)


def make(context: Context) -> Draft:
    """Return what `.envrc` is and what it should become."""
    rendered = render.envrc(context.root)
    old = files.read_text(context.root / FILE)
    if old is None:
        return Draft(Case.ABSENT, "", rendered, rendered)
    if render.is_unedited(old):
        return Draft(Case.RENDERED, old, rendered, rendered)
    case = Case.EDITED if render.is_ours(old) else Case.FOREIGN
    choice = context.answers.on_edit
    if choice in ("keep", "replace"):
        return Draft(case, old, old if choice == "keep" else rendered, rendered, is_decided=True)
    base = files.read_text(journal.of(context).folder / BASE)
    if case is Case.FOREIGN:
        return Draft(case, old, rendered, rendered)
    if base is None:
        return Draft(case, old, rendered, rendered, conflicts=1)
    merged = merge.three_way(old, base, rendered)
    return Draft(case, old, merged.text, rendered, merged.conflicts)
