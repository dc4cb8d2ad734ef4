"""Which tests may notice a change: of the same name, those that run the line, those with real shells."""

import functools
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mutate import durations
from mutate.change import ROOT, Change

CORE = ("tests/credentials", "tests/project", "tests/system", "tests/test_sdk.py")
SPREAD = ("-n", "2", "--dist", "loadgroup")
KEPT = ROOT / ".pytest_cache/mutate"
WIDER = (*SPREAD, "tests/test_cold_imports.py", "tests/test_layers.py", "tests/shell", "tests/tasks")
FRAGMENTS = {
    "00-lib": "fragments/test_lib system/disk/test_paths system/test_clock shell/test_cd "
    "shell/test_right_role",
    "10-terminal": "shell/test_terminals",
    "20-project.load": "fragments/test_project shell/test_cd shell/test_right_role shell/test_tcsh "
    "shell/test_readonly_names",
    "30-role.load": "fragments/test_role shell/test_terminals shell/test_right_role shell/test_letting_go",
    "21-project.cold": "fragments/test_picky shell/test_tcsh shell/test_readonly_names shell/test_old_bash",
    "31-terminal.cold": "shell/test_terminals",
    "40-trust.cold": "shell/test_trust",
    "45-git": "fragments/test_git shell/test_trust shell/test_clock shell/test_pulled",
    "46-git.cold": "fragments/test_git shell/test_trust shell/test_pulled",
    "51-failing.cold": "fragments/test_failing shell/test_failing",
    "51-session.cold": "fragments/test_cold shell/test_failing shell/test_cd shell/test_single_flight "
    "shell/test_waiting",
    "35-session.load": "fragments/test_session shell/test_cd shell/test_odd_files shell/test_right_role "
    "shell/test_protected shell/test_profiles credentials/identity/test_assuming system/disk/test_paths",
    "50-session": "fragments/test_load shell/test_cd shell/test_failing shell/test_single_flight "
    "shell/test_waiting shell/test_protected shell/test_tcsh",
    "00-commands": "fragments/test_commands shell/test_pulled",
    "01-say.cold": "fragments/test_say shell/test_trust shell/test_review",
    "02-commands.cold": "fragments/test_commands shell/test_pulled",
    "32-names.cold": "system/disk/test_paths shell/test_right_role",
    "49-environ.cold": "credentials/identity/test_assuming shell/test_right_role",
    "52-profile.cold": "fragments/test_profile shell/test_profiles",
    "55-exports": "fragments/test_exports shell/test_cd shell/test_regions shell/test_profiles "
    "shell/test_tcsh shell/test_lock shell/test_right_role shell/test_prompt",
    "80-venv": "fragments/test_venv shell/test_cd shell/test_pulled",
    "81-venv.cold": "fragments/test_venv shell/test_cd shell/test_pulled",
    "86-review.cold": "shell/test_review shell/test_use_rolecall",
    "91-keys.cold": "fragments/test_keys shell/test_cd shell/test_profiles shell/test_use_rolecall",
    "85-review": "shell/test_review shell/test_pulled_roles",
    "90-watch": "fragments/test_watch shell/test_watch shell/test_cd",
    "rc": "shell/test_rc_block shell/test_terminals shell/test_renewal",
}
MIRROR_SECONDS, LINE_SECONDS = 10.0, 15.0  # a line that more tests run is noticed by one of the quicker ones
MOST_SECONDS, PATIENCE, LEAST_SECONDS = 600.0, 6.0, 120.0  # a change may make a loop endless


@dataclass(frozen=True, slots=True)
class Round:
    """The words for pytest, and after how many seconds it is taken to hang."""

    words: Sequence[str]
    most_seconds: float = MOST_SECONDS


def rounds(change: Change, *, is_near: bool) -> Iterator[Round]:
    """Yield round after round of tests, none of them empty: the first that fails has noticed.

    `is_near`: without the last rounds, which take minutes: other tests that run the line, then shells.
    """
    yield from (
        Round(words, _patience(words) if number == 0 and change.path.suffix == ".py" else MOST_SECONDS)
        for number, words in enumerate(_words(change, is_near=is_near))
        if words
    )


def _patience(words: Sequence[str]) -> float:
    """Return a generous bound for these tests in one process: a multiple of what they took unchanged."""
    seconds = _seconds()
    expected = sum(took for name, took in seconds.items() if {name, name.partition("::")[0]} & set(words))
    return min(MOST_SECONDS, max(LEAST_SECONDS, PATIENCE * expected))


def _words(change: Change, *, is_near: bool) -> Iterator[Sequence[str]]:
    """Yield the words of each round."""
    if change.path.suffix == ".py":
        near = _of_module(change)
        yield near
        left = [name for name in _running(change) if not {name, name.partition("::")[0]} & set(near)]
        if left and not is_near:
            yield (*SPREAD, *left)
        wider: Sequence[str] = WIDER
    else:
        names = [f"tests/{name}.py" for name in FRAGMENTS.get(change.path.stem, "shell/test_cd").split()]
        yield names[:1]
        yield (*SPREAD, *names[1:]) if names[1:] else ()
        wider = (*SPREAD, "tests/fragments", "tests/shell", "tests/workstation/shells")
    if not is_near:
        yield wider


def _of_module(change: Change) -> Sequence[str]:
    """Return the tests of the module's own name, those of its folder, and the quickest that run the line."""
    inside = change.path.relative_to(ROOT / "src/rolecall")
    mirror = Path("tests") / inside.parent / f"test_{inside.stem}.py"
    seconds = _seconds()
    own = [name for name in seconds if name.startswith(f"{mirror}::")]
    is_quick = (ROOT / mirror).is_file() and sum(map(seconds.__getitem__, own)) <= MIRROR_SECONDS
    chosen, left = [str(mirror)] if is_quick else [], LINE_SECONDS
    others = set(_running(change)) - set(own if is_quick else ())
    for name in sorted(
        others, key=lambda one: (not one.startswith(f"{mirror.parent}/test_"), seconds.get(one, 0.0))
    ):
        left -= seconds.get(name, 0.0)
        if left >= 0 or not chosen:
            chosen.append(name)
    return by_folder(chosen)


def by_folder(names: Sequence[str]) -> Sequence[str]:
    """Return `names` folder after folder: else pytest 9.1 loses a conftest.py (its issue 14964).

    A test without its fixtures fails, and that looks like a change that was noticed.
    """
    return sorted(names, key=lambda name: Path(name.partition("::")[0]).parent)


def _running(change: Change) -> list[str]:
    """Return the tests that run the changed line; those that run its module where it runs at import only."""
    lines = _coverage().contexts_by_lineno(str(change.path.relative_to(ROOT)))
    of_line = {name for name in lines.get(change.line, ()) if name}
    of_module = {name for names in lines.values() for name in names if name}
    ran = {name.removesuffix("|run") for name in of_line or of_module if name.endswith("|run")}
    return sorted(ran & _collected())


@functools.cache
def _collected() -> frozenset[str]:
    """Return the tests that there are now: pytest fails for one that is no more, as if it had noticed."""
    words = [sys.executable, "-m", "pytest", "-q", "--collect-only", *CORE]
    done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    return frozenset(line for line in done.stdout.splitlines() if "::" in line)


@functools.cache
def _coverage() -> Any:
    """Return which test runs which line: one run of the tests without shells, kept for this state of `src`.

    Newer tests are not in it: those of the module's own name run all the same, the others in the last round.
    """
    from coverage import CoverageData

    words = ["git", "rev-parse", "HEAD:src/rolecall"]
    head = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    settings, data = KEPT / "coveragerc", KEPT / head.stdout.strip()
    if not data.exists():
        settings.write_text("[run]\nsource = rolecall\nrelative_files = true\n", encoding="utf-8")
        _run_all(settings, KEPT / "unfinished")
        (KEPT / "unfinished").rename(data)
    found = CoverageData(str(data))
    found.read()
    return found


@functools.cache
def _seconds() -> dict[str, float]:
    """Return how long each test took in that run."""
    _coverage()
    found: dict[str, float] = json.loads((KEPT / "seconds.json").read_text(encoding="utf-8"))
    return found


def _run_all(settings: Path, data: Path) -> None:
    words = [
        f"--cov-config={settings}",
        "--cov=rolecall",
        "--cov-context=test",
        "--cov-report=",
        "-p",
        "mutate.durations",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *SPREAD, *words, *CORE],
        cwd=ROOT,
        env={**os.environ, "COVERAGE_FILE": str(data), durations.VARIABLE: str(KEPT / "seconds.json")},
        check=False,
        stdout=sys.stderr,
    )
    if done.returncode:
        sys.exit(f"rolecall: without any change these tests fail\n  try: invoke test -- {' '.join(CORE)}")
