"""Change the code in one small place after another, and count how many changes some test notices.

Run by `invoke mutate`; not part of the suite.
"""

import argparse
import fcntl
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from mutate import python_changes, shell_changes, trial
from mutate.change import ROOT, Change, by_place
from rolecall.system.person import person

PACKAGE = ROOT / "src/rolecall"
PYTHON = ("credentials", "project", "system")
FOLDERS = {
    **{name: (PACKAGE / name, "*.py", python_changes.of) for name in PYTHON},
    "envrc.d": (ROOT / "envrc.d", "*.sh", shell_changes.of),
    "rc": (ROOT / "templates", "rc.*", shell_changes.of),
}
HARMLESS = frozenset((Path(__file__).parent / "harmless.txt").read_text(encoding="utf-8").splitlines())


def main() -> int:
    """Try a sample of changes in each folder, and print the score of each and the changes nobody noticed."""
    asked = argparse.ArgumentParser(prog="invoke mutate")
    asked.add_argument("--folder", default=",".join(FOLDERS))
    asked.add_argument("--only", default="")
    asked.add_argument("--sample", type=int, default=20)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--near", action="store_true")
    given = asked.parse_args()
    folders = given.folder.split(",")
    if unknown := [name for name in folders if name not in FOLDERS]:
        sys.exit(f"rolecall: no folder {unknown[0]}: {', '.join(FOLDERS)}\n  try: invoke mutate --folder rc")
    changed = ["git", "diff", "--quiet", "HEAD", "--", "src", "envrc.d", "templates"]
    if subprocess.run(changed, cwd=ROOT, check=False).returncode:
        sys.exit(
            "rolecall: src has uncommitted changes, and mutate changes it in place\n  try: git commit -a"
        )
    os.chdir(ROOT)
    alone = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(
            "rolecall: another mutate, or a setup, is at work in this folder\n  try: pgrep -af tests/mutate"
        )
    trial.adopt_orphans()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # unwinds, so that the file is put back
    chance = random.Random(given.seed)
    modules = tuple(filter(None, given.only.split(",")))
    scores = [tried(name, modules, given.sample, chance, is_near=given.near) for name in folders]
    for line in scores:
        person.say(line)
    return 0


def tried(folder: str, modules: tuple[str, ...], most: int, chance: random.Random, *, is_near: bool) -> str:
    """Try a sample of the changes in `folder`; say which was noticed, show the others, return the score."""
    every = [change for change in possible(folder, modules) if not is_harmless(change)]
    places = list(by_place(every).values())
    chosen = [chance.choice(some) for some in chance.sample(places, min(most, len(places)))]
    noticed = 0
    for change in chosen:
        if trial.is_noticed(change, is_near=is_near):
            noticed += 1
            person.say(f"noticed: {change.name}")
        else:
            person.say(f"not noticed: {change.name}")
            sys.stderr.write(f"{change.diff}\n")
    return f"{folder}: {noticed} of {len(chosen)} changes noticed, of {len(every)} in {len(places)} lines"


def possible(folder: str, modules: tuple[str, ...]) -> Iterator[Change]:
    """Yield every change of the files of `folder`; of those named in `modules` alone, where any is."""
    where, pattern, changes_of = FOLDERS[folder]
    for path in sorted(where.rglob(pattern)):
        if not modules or path.stem in modules or path.name in modules:
            yield from changes_of(path)


def is_harmless(change: Change) -> bool:
    """Return whether harmless.txt names the change as one that makes no difference, with the reason."""
    own, now = change.path.read_text(encoding="utf-8").splitlines(), change.text.splitlines()
    line = own[change.line - 1].strip()
    after = now[change.line - 1].strip() if change.line <= len(now) else ""
    name = change.path.name
    return f"{name}: {line} -> {after}" in HARMLESS or f"{name}: {line} -> *" in HARMLESS


if __name__ == "__main__":
    sys.exit(main())
