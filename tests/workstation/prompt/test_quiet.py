"""direnv's long line goes, with a direnv that knows how; everything of the person's in direnv.toml stays."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from rolecall.errors import MachineError
from rolecall.workstation.prompt import quiet
from rolecall.workstation.steps import once
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context, State
from support.clients import PREPARED

# A direnv that shows what it exports, unless its settings say otherwise.
KNOWING = """\
#!/bin/sh
[ "$1" = export ] || exit 0
grep -q 'hide_env_diff = true' "$DIRENV_CONFIG/direnv.toml" || echo 'direnv: export +ROLECALL_TRIED' >&2
echo '{"ROLECALL_TRIED": "1"}'
"""
CONTENTS = {
    "absent": None,
    "empty": "",
    "other table": "# mine\n[whitelist]\nprefix = ['/x/']\n",
    "table": "[global]\nwarn_timeout = '1m' # long\n\n[whitelist]\nexact = []\n",
    "table at the end": "[whitelist]\nexact = []\n[ global ] # ours\n",
    "no end": "[whitelist]\nexact = []",
    "CRLF": "[global]\r\nload_dotenv = false\r\n",
}


def context(root: Path, answer: str = once.YES) -> Context:
    journal = Journal(root, os.environ)
    return Context(root, Answers(yes=True, quiet_direnv=answer), journal=journal.append)


@pytest.fixture
def toml(home: Path) -> Path:
    """Return the person's direnv.toml; it is not there yet."""
    return home / ".config/direnv/direnv.toml"


@pytest.fixture
def knowing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a direnv on PATH that knows the setting."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "direnv").write_text(KNOWING)
    (folder / "direnv").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.usefixtures("knowing")
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_quiet_when_set_and_taken_back_then_the_file_is_the_same_to_the_byte(
    toml: Path, tmp_path: Path, content: str | None
) -> None:
    """Comments, tables, line ends: it stands below `[global]`, and the rest stays."""
    if content is not None:
        toml.parent.mkdir(parents=True)
        toml.write_bytes(content.encode())
    quiet.apply(context(tmp_path))
    assert quiet.is_set(context(tmp_path))
    assert quiet.check(context(tmp_path)).state is State.DONE

    own = [found for found in Journal(tmp_path, os.environ).read() if found.step == quiet.NAME]
    for found in reversed(own):
        quiet.undo(context(tmp_path), found)
    assert (toml.read_bytes().decode() if toml.exists() else None) == content


@pytest.mark.usefixtures("knowing")
def test_quiet_when_the_person_has_set_it_then_theirs_stays(toml: Path, tmp_path: Path) -> None:
    """Whatever it is."""
    toml.parent.mkdir(parents=True)
    toml.write_text("[global]\nhide_env_diff = false\n")
    assert quiet.check(context(tmp_path)).state is State.DONE
    assert toml.read_text() == "[global]\nhide_env_diff = false\n"


@pytest.mark.usefixtures("knowing")
@pytest.mark.parametrize("content", ["global = { warn_timeout = '1m' }\n", "[global\n"])
def test_quiet_when_the_settings_are_written_in_another_way_then_they_are_left(
    toml: Path, tmp_path: Path, content: str
) -> None:
    """A second table of that name would break the file."""
    toml.parent.mkdir(parents=True)
    toml.write_text(content)
    with pytest.raises(MachineError, match="cannot be changed"):
        quiet.apply(context(tmp_path))
    assert toml.read_text() == content


def exported(direnv: str, folder: Path) -> str:
    """Return what direnv says when it loads a folder."""
    (folder / ".envrc").write_text("export SHOWN=1\n")
    subprocess.run([direnv, "allow", str(folder / ".envrc")], check=True, capture_output=True)
    done = subprocess.run([direnv, "export", "bash"], cwd=folder, capture_output=True, text=True, check=True)
    return done.stderr


def direnvs() -> list[str]:
    """Return the machine's own direnv, and the one that tests/clients/prepare built."""
    built = f"{PREPARED}/direnv/direnv"
    own = shutil.which("direnv") or "direnv"
    return [own, *([built] if PREPARED and Path(built).exists() else [])]


@pytest.mark.parametrize("number", [0, 1], ids=["own", "built"])
def test_quiet_when_a_real_direnv_is_there_then_it_is_quiet_or_setup_says_that_it_cannot_be(
    tmp_path: Path, toml: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """What it does decides, not its version."""
    found = direnvs()
    if number >= len(found):
        pytest.skip("the client direnv: tests/clients/prepare has not made it")
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "direnv").symlink_to(found[number])
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    assert "+SHOWN" in exported(found[number], tmp_path)
    if not quiet.is_known(context(tmp_path)):
        with pytest.raises(MachineError, match="knows no hide_env_diff"):
            quiet.apply(context(tmp_path))
        assert not toml.exists()
        return
    quiet.apply(context(tmp_path))
    assert "SHOWN" not in exported(found[number], tmp_path)
