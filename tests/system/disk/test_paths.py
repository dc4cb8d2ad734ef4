"""Where things live, and that bash and Python agree about it."""

import os
import subprocess
from pathlib import Path

import pytest

from rolecall.errors import ConfigError
from rolecall.system.disk import paths
from support import foreign_folder

LIBRARY = Path(__file__).resolve().parents[3] / "envrc.d/00-lib.sh"
SESSION = Path(__file__).resolve().parents[3] / "envrc.d/35-session.load.sh"
NAMES = Path(__file__).resolve().parents[3] / "envrc.d/32-names.cold.sh"


@pytest.mark.parametrize(
    ("runtime", "cache"),
    [("run", ""), ("", ""), ("", "cache"), ("absent", "cache"), ("relative:run", ""), ("theirs", "")],
)
def test_runtime_dir_when_bash_and_python_look_then_they_agree(
    home: Path, monkeypatch: pytest.MonkeyPatch, runtime: str, cache: str
) -> None:
    """The one rule that is written twice gives one answer."""
    places = {
        "run": str(home / "run"),
        "": "",
        "absent": str(home / "absent"),
        "relative:run": "run",
        "theirs": str(foreign_folder(home)),
    }
    monkeypatch.setenv("XDG_RUNTIME_DIR", places[runtime])
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / cache) if cache else "")
    script = f"_rolecall_key=shop-1; . '{LIBRARY}'; printf %s \"$_rolecall_dir\""
    told = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout
    assert told == str(paths.runtime_dir("shop-1", environ=os.environ))
    assert told.startswith(f"{home}/run/") is (runtime == "run")
    assert not told.startswith(places["theirs"])


@pytest.mark.parametrize(
    "role",
    [
        "dev",
        "arn:aws:iam::111122223333:role/a/b",
        "arn:aws:iam::111122223333:role/x+=,.@-_y",
        f"arn:aws:iam::111122223333:role/{'p!' * 255}/{'n' * 64}",
        "n" * 81,
        "dev My Profile/Zoë:ABCD:~/a%20b:::",
    ],
)
def test_file_name_when_bash_and_python_make_it_then_they_agree(role: str) -> None:
    """A role's file has one name on both sides."""
    cold = f"_rolecall_read_cold() {{ . '{NAMES}'; }}"
    facts = '_rolecall_identity=named _rolecall_terminal="" _rolecall_key=shop _rolecall_role=$1'
    script = f"LC_ALL=C; {cold}; {facts}; . '{LIBRARY}'; . '{SESSION}'; printf %s \"$_rolecall_name\""
    told = subprocess.run(
        ["bash", "-c", script, "bash", role], capture_output=True, text=True, check=True
    ).stdout
    assert told == paths.file_name(role)


ODD_PATHS = [
    "/people/ann/shop",
    "/",
    "/people/ann+shop",
    "/people/ann=2Bshop~/x",
    "/people/Zoë/a shop",
    f"/{'long/' * 40}end",
    f"/{'é' * 90}/x",
]


@pytest.mark.parametrize("path", ODD_PATHS)
def test_project_key_when_the_path_is_odd_then_tells_it_and_is_a_file_name(path: str) -> None:
    """The path can be read from its key, so no two paths have one key."""
    key = paths.project_key(path)
    assert paths.project_of(key) == path
    parts = key.split("/")
    assert all(0 < len(part) <= paths.KEY_PART + 1 and part.isascii() for part in parts)
    assert [part.endswith("~") for part in parts] == [True] * (len(parts) - 1) + [False]


def test_project_of_when_the_name_is_no_key_then_is_empty() -> None:
    """What else lies in a folder of ours is not taken for a project's."""
    assert [paths.project_of(name) for name in ("bugs", "a=zz", "shop-12345678", "+a=F")] == ["", "", "", ""]


def test_project_root_when_below_then_is_the_nearest_with_envrc_d(tmp_path: Path) -> None:
    """A tasks.py in a subfolder does not hide the project."""
    (tmp_path / "envrc.d").mkdir()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/tasks.py").write_text("")
    assert paths.project_root(tmp_path / "sub") == tmp_path


def test_project_root_when_there_is_none_then_says_what_makes_one(tmp_path: Path) -> None:
    """The error names the folder and what was looked for."""
    with pytest.raises(ConfigError, match="no rolecall project"):
        paths.project_root(tmp_path)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/people/me/shop", "~/shop"),
        ("/people/me", "/people/me"),
        ("/people/mejor/shop", "/people/mejor/shop"),
    ],
)
def test_short_when_path_is_below_home_then_it_begins_with_a_tilde(path: str, shown: str) -> None:
    """Only what lies below the home folder itself is shortened."""
    assert paths.short(Path(path), environ={"HOME": "/people/me"}) == shown
