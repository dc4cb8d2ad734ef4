"""The picker of `assume`: the project's roles on a terminal, the one that was taken last first."""

import os
from collections.abc import Mapping

from rolecall.credentials import whoami
from rolecall.credentials.store import audit
from rolecall.credentials.whoami import Row
from rolecall.project.declared import Project
from rolecall.system.clock import human
from rolecall.system.person import person

TITLE = "Take which role?"


def pick_if_possible(project: Project) -> str:
    """Return the role that the person chooses; nothing where there is no choice, or nobody to make it.

    Ends the process where the person leaves without one.
    """
    if len(project.roles) < 2 or not person.can_ask():  # noqa: PLR2004 - of one role there is no choice
        return ""
    role = pick(project)
    if role is None:
        person.say("nothing was changed")
        raise SystemExit(0)
    return role


def pick(project: Project, *, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the role that the person chooses, or None. Asks AWS nothing."""
    rows = _by_last_use(project, whoami.overview(project))
    lines = _lines(rows)
    if environ.get("TERM", "dumb") in ("", "dumb"):
        return _by_name(rows, lines)
    from rolecall.system.person import menu

    chosen = menu.choose(lines, TITLE)
    return None if chosen is None else rows[chosen].role


def _by_name(rows: list[Row], lines: list[str]) -> str | None:
    """Ask for the name, on a terminal that cannot move its cursor."""
    for line in lines:
        person.say(line)
    current = next((row.role for row in rows if row.is_current), "")
    return person.ask(TITLE, default=current) or None


def _by_last_use(project: Project, rows: tuple[Row, ...]) -> list[Row]:
    """Return `rows` with the one that was taken last first, and those never taken as they are declared."""
    used = {entry.get("role"): at for at, entry in enumerate(audit.read(project.place), 1)}
    return sorted(rows, key=lambda row: -used.get(row.role, 0))


def _lines(rows: list[Row]) -> list[str]:
    """Return a line for each role; the columns that matter most come first, for a narrow terminal."""
    cells = [_cells(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]


def _cells(row: Row) -> tuple[str, ...]:
    left = "" if row.seconds_left is None else f"{human(row.seconds_left)} left"
    traits = " ".join([*(["protected"] if row.protected else []), *(["current"] if row.is_current else [])])
    return row.role, row.role_arn.split(":")[4], left, traits, row.region or ""
