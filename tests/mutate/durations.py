"""How long each test takes: a plugin of the run that also finds out which line each runs."""

import json
import os
from pathlib import Path

import pytest

VARIABLE = "MUTATE_DURATIONS"
_seconds: dict[str, float] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up set-up, test and clean-up."""
    _seconds[report.nodeid] = _seconds.get(report.nodeid, 0.0) + report.duration


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write them; with xdist, what every worker reported."""
    if not hasattr(session.config, "workerinput"):
        Path(os.environ[VARIABLE]).write_text(json.dumps(_seconds), encoding="utf-8")
