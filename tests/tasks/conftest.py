"""A project with the packaged tasks, and the project fixtures of the sandbox."""

from pathlib import Path

import pytest

from support.sandbox_project import invoke, root

__all__ = ["invoke", "root", "shop"]


@pytest.fixture
def shop(project: Path) -> Path:
    """Give the project its tasks."""
    (project / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    return project
