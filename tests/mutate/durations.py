"""How long each test takes: a plugin of the run that also finds out which line each runs."""

import _thread
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

VARIABLE = "MUTATE_DURATIONS"
_seconds: dict[str, float] = {}
_start = _thread.start_new_thread


def pytest_configure() -> None:
    """Let coverage see what a thread of `_thread` runs: it hears of those of `threading` alone."""
    setattr(_thread, "start_new_thread", _traced)  # noqa: B010 - a type checker knows the name as final


def _traced(run: Callable[..., object], words: tuple[object, ...]) -> int:
    def within(*words: object) -> None:
        sys.settrace(threading.gettrace())
        run(*words)

    return _start(within, words)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up set-up, test and clean-up."""
    _seconds[report.nodeid] = _seconds.get(report.nodeid, 0.0) + report.duration


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write them; with xdist, what every worker reported."""
    if not hasattr(session.config, "workerinput"):
        Path(os.environ[VARIABLE]).write_text(json.dumps(_seconds), encoding="utf-8")
