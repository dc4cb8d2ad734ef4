"""`00-lib.sh`: where rolecall's own files are, and which of them are believed."""

import os
from pathlib import Path

import pytest

from support import fragments
from support.root import needs_root

FOLDERS = 'echo "$_rolecall_dir"; echo "$_rolecall_state_dir"'
MAC = "darwin23"


@pytest.mark.parametrize(
    ("given", "folder", "state"),
    [
        ({}, "/people/a/.cache", "/people/a/.local/state"),
        ({"XDG_CACHE_HOME": "/c", "XDG_STATE_HOME": "/s"}, "/c", "/s"),
        ({"XDG_CACHE_HOME": "c", "XDG_STATE_HOME": "s"}, "/people/a/.cache", "/people/a/.local/state"),
        ({"OSTYPE": MAC}, "/people/a/Library/Caches", "/people/a/Library/Application Support"),
        ({"OSTYPE": MAC, "XDG_CACHE_HOME": "/c", "XDG_STATE_HOME": "/s"}, "/c", "/s"),
        ({"XDG_RUNTIME_DIR": "/nowhere"}, "/people/a/.cache", "/people/a/.local/state"),
        ({"XDG_RUNTIME_DIR": "run"}, "/people/a/.cache", "/people/a/.local/state"),
    ],
)
def test_folders_when_the_system_names_them_then_these_are_taken(
    tmp_path: Path, given: dict[str, str], folder: str, state: str
) -> None:
    """As XDG says, and as macOS has it; a name that is relative is none."""
    (tmp_path / "run").mkdir()
    script = f"cd '{tmp_path}'; read_fragment 00-lib.sh; {FOLDERS}"
    kind = given.get("OSTYPE", "linux-gnu")
    told = fragments.run(f"OSTYPE={kind}; {script}", {"HOME": "/people/a", **given})
    assert told.splitlines() == [f"{folder}/rolecall/shop", f"{state}/rolecall"]


def test_folders_when_there_is_a_runtime_folder_of_this_user_then_it_holds_the_sessions(
    tmp_path: Path,
) -> None:
    """It is gone with the log-out."""
    told = fragments.run(FOLDERS, {"XDG_RUNTIME_DIR": str(tmp_path), "HOME": "/people/a"}).splitlines()
    assert told == [f"{tmp_path}/rolecall/shop", "/people/a/.local/state/rolecall"]


@pytest.mark.parametrize("kind", ["file", "link", "folder", "pipe", "none"])
def test_file_when_it_is_no_plain_one_then_it_is_not_believed(tmp_path: Path, kind: str) -> None:
    """A link may be another's, and a pipe waits for a writer."""
    path = tmp_path / "one"
    (tmp_path / "other").write_text("")
    make = {
        "file": path.touch,
        "link": lambda: path.symlink_to("other"),
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
    }
    make.get(kind, tmp_path.exists)()
    told = fragments.run('_rolecall_is_ours "$ONE" && echo ours || echo no', {"ONE": str(path)})
    assert told == ("ours" if kind == "file" else "no")


@needs_root
def test_file_when_it_is_anothers_then_it_is_not_believed(tmp_path: Path) -> None:
    """What another user put there is exported to nobody."""
    path = tmp_path / "one"
    path.touch()
    os.chown(path, 12345, 12345)
    assert fragments.run('_rolecall_is_ours "$ONE" || echo no', {"ONE": str(path)}) == "no"


@pytest.mark.parametrize("epoch", ["", "1800000000"])
def test_now_when_bash_has_no_clock_then_date_is_asked(epoch: str) -> None:
    """Before bash 5.0; and only there."""
    script = f"unset EPOCHSECONDS; EPOCHSECONDS={epoch}; date() {{ echo 7; }}; read_fragment 00-lib.sh; "
    assert fragments.run(f'{script}echo "$_rolecall_now"') == (epoch or "7")
