"""Whether the personal files are private, seen on a real project's files."""

import subprocess
from pathlib import Path

from rolecall.workstation.doctor import env_files
from rolecall.workstation.doctor.symptom import Level
from rolecall.workstation.steps.step import Context
from support.symptoms import by_id


def test_look_when_files_are_private_then_finds_nothing_wrong(shop: Path) -> None:
    """Nothing wrong, nothing said."""
    found = by_id(env_files.look(Context(shop)))
    assert {symptom.level for symptom in found.values()} == {Level.OK}


def test_look_when_others_can_read_env_then_the_mend_makes_it_private(shop: Path) -> None:
    """0644 is a problem; its mend is safe."""
    (shop / ".env").chmod(0o644)
    found = by_id(env_files.look(Context(shop)))["env-private"]
    assert found.level is Level.PROBLEM
    assert found.fix.startswith("chmod 600")
    assert found.mend is not None
    found.mend()
    assert (shop / ".env").stat().st_mode & 0o777 == 0o600


def test_look_when_git_tracks_env_then_says_that_its_keys_are_lost(shop: Path) -> None:
    """A committed `.env` says how to take it out, and that its keys are lost."""
    subprocess.run(["git", "add", "-f", ".env"], cwd=shop, check=True)
    found = by_id(env_files.look(Context(shop)))["env-tracked"]
    assert found.fix == "git rm -q --cached .env; mv .env .env.from-git"
    assert "replace" in found.detail


def test_look_when_a_folder_above_has_an_envrc_then_notes_it(shop: Path) -> None:
    """It is not loaded in here, which surprises people."""
    (shop.parent / ".envrc").touch()
    found = by_id(env_files.look(Context(shop)))["parent-envrc"]
    assert found.level is Level.NOTE
    assert "source_up" in found.fix
