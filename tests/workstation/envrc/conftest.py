"""A project whose `.envrc` is rendered."""

from pathlib import Path

import pytest


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Make a project with one fragment of its own."""
    root = tmp_path / "a 'shop' & ümlaut"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/60-own.sh").write_text("export OWN=1\n\n\n\nexport OTHER=1\n")
    return root
