"""Work out what `.envrc` should become: from the file now, the last rendering, and a rendering of today.

This module only reads.
"""

import enum
from dataclasses import dataclass

from rolecall.errors import ConfigError
from rolecall.system.disk import files
from rolecall.system.text import quoting
from rolecall.workstation.envrc import merge, render, use_line, way
from rolecall.workstation.envrc.render import Fragment
from rolecall.workstation.envrc.runtime import FILE
from rolecall.workstation.envrc.way import Way
from rolecall.workstation.steps import journal
from rolecall.workstation.steps.step import Context

BASE = "envrc.base"
CHOICES = ("merge", "keep", "replace")
OWN_LINES = "60-project.sh"


class Case(enum.StrEnum):
    """What stands at `.envrc` now."""

    ABSENT = "absent"
    RENDERED = "rendered"
    EDITED = "edited"
    FOREIGN = "foreign"
    LINE = "line"  # the project's own, with `use rolecall`


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of `.envrc` now and as it should be; `conflicts` counts places only a person can merge."""

    case: Case
    old: str
    new: str
    rendered: str = ""  # the base of the next merge; empty where `.envrc` is not rendered
    conflicts: int = 0
    is_decided: bool = False  # the person chose by --on-edit
    own: Fragment | None = None  # the person's lines, which become a fragment

    @property
    def way(self) -> Way:
        """How the role gets into the new text."""
        return Way.RENDERED if self.rendered else Way.LINE

    @property
    def needs_decision(self) -> bool:
        """Whether only a person can say what becomes of this `.envrc`."""
        return not self.is_decided and self.conflicts > 0


def make(context: Context) -> Draft:
    """Return what `.envrc` is and what it should become. Raises ConfigError where it cannot."""
    old, chosen = way.present(context), way.wanted(context)
    case = _case(old)
    if chosen is Way.LINE:
        return _with_line(context, case, old or "")
    if case is Case.FOREIGN and context.answers.on_edit == "keep":
        return Draft(case, old or "", old or "", render.envrc(context.root), is_decided=True)
    if case in (Case.FOREIGN, Case.LINE):
        return _moved(context, case, old or "")
    return _rendered(context, case, old or "")


def _case(old: str | None) -> Case:
    if old is None:
        return Case.ABSENT
    if render.is_ours(old):
        return Case.RENDERED if render.is_unedited(old) else Case.EDITED
    return Case.LINE if use_line.is_in(old) else Case.FOREIGN


def _with_line(context: Context, case: Case, old: str) -> Draft:
    """Return the project's own file with the line; of a rendered one, the project's fragments are left."""
    if case is Case.LINE:
        return Draft(case, old, old)
    if case in (Case.RENDERED, Case.EDITED):
        early, late = render.own_texts(context.root)
        return Draft(case, old, early + use_line.addition(early) + late)
    return Draft(case, old, old + use_line.addition(old))


def _moved(context: Context, case: Case, old: str) -> Draft:
    """Return a rendering with the person's lines as a fragment. Raises ConfigError."""
    lines = use_line.removed(old)
    number = use_line.leaving(lines)
    if number:
        says = f"{context.root / FILE} ends early at its line {number}, so what rolecall adds would not run"
        raise ConfigError("envrc-leaves", says, hint=quoting.edit_command(FILE, number))
    if use_line.is_in(lines):
        says = f"{context.root / FILE} has `use rolecall` among other words; take it out"
        raise ConfigError("envrc-use-line", says, hint=quoting.edit_command(FILE))
    own = _fragment(context, lines) if lines else None
    rendered = render.envrc(context.root, extra=(own,) if own else ())
    return Draft(case, old, rendered, rendered, own=own)


def _fragment(context: Context, lines: str) -> Fragment:
    """Return the person's lines as a fragment, under a name that no other text of the project has."""
    names = (OWN_LINES, *(OWN_LINES.replace(".", f"-{number}.") for number in range(2, 1000)))
    folder = context.root / "envrc.d"
    name = next(name for name in names if files.read_text(folder / name) in (None, lines))
    return Fragment(name, lines, is_own=True, is_added=True)


def _rendered(context: Context, case: Case, old: str) -> Draft:
    rendered = render.envrc(context.root)
    if case is not Case.EDITED:
        return Draft(case, old, rendered, rendered)
    choice = context.answers.on_edit
    if choice in ("keep", "replace"):
        return Draft(case, old, old if choice == "keep" else rendered, rendered, is_decided=True)
    base = files.read_text(journal.of(context).folder / BASE)
    if base is None:
        return Draft(case, old, rendered, rendered, conflicts=1)
    merged = merge.three_way(old, base, rendered)
    return Draft(case, old, merged.text, rendered, merged.conflicts)
