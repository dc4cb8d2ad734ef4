"""Whether `aws` is the one a person expects, with a real file on PATH."""

from pathlib import Path

from rolecall.workstation.doctor import programs
from rolecall.workstation.doctor.symptom import Level
from rolecall.workstation.steps.step import Context
from support.symptoms import by_id


def test_look_when_an_old_aws_comes_first_then_names_its_file(shop: Path, home: Path, tmp_path: Path) -> None:
    """Version 1 that hides version 2 is named with its file."""
    folder = tmp_path / "first"
    folder.mkdir()
    (folder / "aws").write_text("#!/bin/sh\necho aws-cli/1.45.11 Python/3.11\n")
    (folder / "aws").chmod(0o755)
    environ = {"HOME": str(home), "PATH": f"{folder}:/usr/bin:/bin"}
    found = by_id(programs.look(Context(shop, environ=environ)))["aws-which"]
    assert found.level is Level.NOTE
    assert f"{folder}/aws is 1.45.11" in found.detail
