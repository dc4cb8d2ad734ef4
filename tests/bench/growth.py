"""What grows with use: roles, lines of `.env`, terminals, projects; each held against the same with few.

Must not judge, or know the budgets.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace

from arena import Arena, BenchError, Place, has_credentials
from timing import Subject, nothing

from support import ROLES_TOML

ROLES, LINES, TERMINALS, PROJECTS = 500, 500, 200, 30
ROLE = """
[roles.role{number}]
role_arn = "arn:aws:iam::444455556666:role/role{number}"
"""
MANY = ROLES_TOML + "".join(ROLE.format(number=number) for number in range(ROLES - 2))
VALUES = {f"SETTING_{number}": f"value-{number}" for number in range(LINES - 4)}  # write_env adds four


@dataclass(frozen=True, slots=True)
class Entry:
    """A project and the arena it lies in."""

    arena: Arena
    place: Place

    def subject(self, name: str, *, is_cold: bool = False) -> Subject:
        """Return a `cd` into it, each time without a session where `is_cold`."""
        before = self.place.end_session if is_cold else nothing
        return Subject(name, lambda: self.arena.cd(self.place), before, has_credentials)


def subjects(arena: Arena) -> Mapping[str, Subject]:
    """Return the ways into every project, by name. Cold is: the session is gone, the files are as they were.

    Raises BenchError where one gives no credentials.
    """
    roles = _entered(arena, arena.project("many-roles", roles=MANY, values=VALUES))
    lines = _entered(arena, arena.project("many-lines", values=VALUES))
    found = (
        roles.subject("warm cd, 500 roles and 500 lines"),
        lines.subject("warm cd, 2 roles and 500 lines"),
        _much_used(arena).subject("warm cd, 200 terminals and 30 projects"),
        _entered(arena, arena.project("cold-roles", roles=MANY)).subject("cold cd, 500 roles", is_cold=True),
        _entered(arena, arena.project("cold-few")).subject("cold cd, 2 roles", is_cold=True),
    )
    return {subject.name: subject for subject in found}


def _entered(arena: Arena, place: Place) -> Entry:
    arena.cd(place)
    found = arena.cd(place)
    if not has_credentials(found):
        raise BenchError(f"a cd into {place.root.name} gives no credentials: {found.err.strip()}")
    return Entry(arena, place)


def _much_used(arena: Arena) -> Entry:
    """Fill a home of its own: every project approved and entered, and one of them by many terminals."""
    folder = arena.folder / "much-used"
    home, runtime = folder / "home", folder / "run"
    home.mkdir(parents=True)
    runtime.mkdir(mode=0o700)
    other = replace(
        arena, folder=folder, environ={**arena.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime)}
    )
    entry = _entered(other, other.project("project-0"))
    for number in range(1, PROJECTS):
        shutil.copytree(entry.place.sessions, other.project(f"project-{number}").sessions)
    for name in ("terminals", "watches"):
        kept = entry.place.sessions / name
        kept.mkdir(mode=0o700, exist_ok=True)
        for number in range(TERMINALS):
            (kept / f"{number}-17").write_text("dev\n")
    return entry
