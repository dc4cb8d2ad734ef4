"""A program that takes long, and the end of its output."""

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
import pytest
from rolecall.errors import MachineError
from rolecall.workstation.setup import bootstrap
from rolecall.workstation.venv import progress
from rolecall.workstation.venv.state import Venv


def test_progress_when_a_program_fails_then_shows_the_end_of_its_output(tmp_path: Path) -> None:
    """What pip said last is in the error."""
    with (tmp_path / "err").open("w+") as err, pytest.raises(MachineError) as caught:
        progress.run(["sh", "-c", "echo first; echo no space left >&2; exit 3"], "installing", stream=err)
    assert "no space left" in caught.value.message
    assert "ended with 3" in caught.value.message
