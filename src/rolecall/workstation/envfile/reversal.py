"""Taking back what setup wrote into a person's own `.env`: its lines, and its mode.

What a line was before is kept in the journal, unless it held a secret: that one stays as setup wrote it.
"""

import json
from pathlib import Path

from rolecall.system.disk import files
from rolecall.workstation.envfile import account, edit
from rolecall.workstation.steps.step import Record


def facts(base: str, new: str, mode: int) -> dict[str, str]:
    """Return what `undone` needs to make `base`, a file of that mode, of `new` again. Never a secret."""
    before, after = edit.lines(base), edit.lines(new)
    set_before = account.values_of(base)
    changed = [name for name in after if after[name].rstrip() != before.get(name, "").rstrip()]
    kept = {
        name: before.get(name, "") for name in changed if not (name in set_before and edit.is_secret(name))
    }
    return {"lines": json.dumps(kept), "base": files.sha256(base), "mode": f"{mode:o}"}


def undone(path: Path, done: Record) -> bool:
    """Put back the lines and the mode that `done` tells of; return whether the text changed."""
    text = account.read(path) or ""
    back = edit.restored(text, json.loads(done.facts.get("lines", "{}")))
    base = done.facts.get("base")
    if files.sha256(back) != base and files.sha256(back.removesuffix("\n")) == base:
        back = back.removesuffix("\n")  # the last line had no end
    if back != text:
        account.write(path, back)
    if mode := done.facts.get("mode"):
        path.chmod(int(mode, 8))
    return back != text
