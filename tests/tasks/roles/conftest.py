"""A project with the packaged tasks."""

from pathlib import Path

import pytest


@pytest.fixture
def shop(project: Path) -> Path:
    """Give the project its tasks."""
    (project / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    return project
