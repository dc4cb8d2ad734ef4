"""`status --history`: the sessions that were taken in this project, from the audit log.

Data on stdout, talk on stderr.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from rolecall.credentials.store import audit
from rolecall.system.disk import paths
from rolecall.system.disk.place import Place
from rolecall.system.person import person

COLUMNS = ("when", "event", "role", "account", "rights", "expires", "key_id", "who", "identity")


def show(where: Place, *, as_json: bool) -> None:
    """Print a line for each, oldest first."""
    entries = audit.read(where)
    if as_json:
        person.put(json.dumps(entries, indent=2))
        return
    rows = [[_cell(entry, column) for column in COLUMNS] for entry in entries]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        person.put("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if not rows:
        person.say(f"no session has been taken in {paths.typed(where.root)} yet")


def _cell(entry: Mapping[str, str], column: str) -> str:
    """Return one value as people read it; what is not printable, from outside, is left out."""
    text = "".join(character for character in str(entry.get(column, "")) if character.isprintable())
    if column == "key_id":
        return f"…{text}" if text else ""
    return _local(text) if column in ("when", "expires") else text


def _local(moment: str) -> str:
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return moment
