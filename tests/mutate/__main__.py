"""Change the code in one small place after another, and count how many changes some test notices.

Run by `invoke mutate`; not part of the suite. Each change is made in `src` itself, because many tests start
rolecall as a program of its own, and is taken back before the next one.
"""

import argparse
import functools
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rolecall.system import person

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src/rolecall"
PYTEST = f"{sys.executable} -m pytest -q -x -p no:randomly -p no:cacheprovider"
FOLDERS = ("credentials", "project", "system")
REST = "tests/shell/test_cd.py tests/shell/test_terminals.py tests/tasks/test_session.py"
SPARED = ("BitOr",)  # it changes annotations, and every such change is an error
LEAST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Change:
    """One change: where it is, and how the tests took it."""

    folder: str
    is_noticed: bool
    diff: str


def main() -> int:
    """Try a sample of changes in each folder, and print the score of each and the changes nobody noticed."""
    asked = argparse.ArgumentParser(prog="invoke mutate")
    asked.add_argument("--folder", default=",".join(FOLDERS))
    asked.add_argument("--sample", type=int, default=20)
    asked.add_argument("--seed", type=int, default=0)
    given = asked.parse_args()
    if subprocess.run(["git", "diff", "--quiet", "HEAD", "--", "src"], cwd=ROOT, check=False).returncode:
        sys.exit(
            "rolecall: src has uncommitted changes, and mutate changes it in place\n  try: git commit src"
        )
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # unwinds, so that the file is put back
    folders = given.folder.split(",")
    chance = random.Random(given.seed)
    changes = [change for name in folders for change in tried(name, given.sample, chance)]
    for name in folders:
        own = [change for change in changes if change.folder == name]
        person.say(f"{name}: {sum(change.is_noticed for change in own)} of {len(own)} changes noticed")
    return 0


def tried(folder: str, sample: int, chance: random.Random) -> Iterator[Change]:
    """Yield each change of a sample in `folder`, after the tests ran on it; show it where nobody noticed."""
    items = _possible(folder)
    for mutations in chance.sample(items, min(sample, len(items))):
        change = _try(folder, mutations)
        person.say("noticed" if change.is_noticed else f"not noticed:\n{change.diff}")
        yield change


def _possible(folder: str) -> list[Any]:
    """Return every change that cosmic-ray knows to make in the modules of `folder`."""
    from cosmic_ray.commands import init
    from cosmic_ray.work_db import WorkDB, use_db

    with tempfile.TemporaryDirectory() as scratch, use_db(f"{scratch}/work", WorkDB.Mode.create) as found:
        init(sorted((PACKAGE / folder).rglob("*.py")), found, {})
        every = [item.mutations for item in found.work_items]
    return [some for some in every if not any(word in some[0].operator_name for word in SPARED)]


def _try(folder: str, mutations: Any) -> Change:
    """Make one change; run the tests nearest to it, then those of its folder, then those with shells."""
    from cosmic_ray.mutating import mutate_and_test
    from cosmic_ray.work_item import TestOutcome

    nearest = f"tests/{mutations[0].module_path.parent.relative_to(PACKAGE)}"
    rounds = dict.fromkeys(name for name in (nearest, f"tests/{folder}", REST) if _is_there(name))
    diff = ""
    for tests in rounds:
        result = mutate_and_test(mutations, f"{PYTEST} {tests}", _limit(tests))
        diff = result.diff or ""
        if result.test_outcome is not TestOutcome.SURVIVED:
            return Change(folder, is_noticed=True, diff=diff)
    return Change(folder, is_noticed=False, diff=diff)


def _is_there(tests: str) -> bool:
    return all(Path(name).exists() for name in tests.split())


@functools.cache
def _limit(tests: str) -> float:
    """Return how long the tests may take: three times what they take unchanged. They must pass.

    Called while nothing is changed.
    """
    command = f"{PYTEST} {tests}"
    began = time.monotonic()
    if subprocess.run(command.split(), check=False, capture_output=True).returncode:
        sys.exit(f"rolecall: without any change these tests fail\n  try: {command}")
    return max(LEAST_SECONDS, 3 * (time.monotonic() - began))


if __name__ == "__main__":
    sys.exit(main())
