"""Where things live, and that bash and Python agree about it."""

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from rolecall.errors import ConfigError, MachineError
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
    assert Path(told).parents[1] != Path(places["theirs"])


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
    """The error names the folder and what was looked for; in a repository, setup makes a project."""
    for hint in ("", "invoke setup"):
        with pytest.raises(ConfigError, match="no rolecall project") as raised:
            paths.project_root(tmp_path)
        assert raised.value.hint == hint
        (tmp_path / ".git").mkdir(exist_ok=True)


def test_project_root_when_only_tasks_py_is_there_then_is_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From here, where nobody says from where; the folder itself counts."""
    (tmp_path / "tasks.py").touch()
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    assert paths.project_root() == paths.project_root(tmp_path) == tmp_path


def test_project_key_when_it_is_long_then_is_cut_where_it_always_was() -> None:
    """The folders of earlier versions are found again."""
    assert paths.project_key(f"/{'a' * 200}") == f"+{'a' * 119}~/{'a' * 81}"


def test_project_key_when_the_path_is_not_utf8_then_says_which_folder() -> None:
    """In characters that any terminal shows."""
    with pytest.raises(MachineError) as raised:
        paths.project_key(os.fsdecode(b"/caf\xe9/x"))
    assert raised.value.message == "the path /caf\\xe9/x is not UTF-8 text; rename that folder"
    assert (raised.value.code, raised.value.hint) == ("path-encoding", "ls -lb /caf?")


def test_file_name_when_it_fits_then_stands_as_it_is() -> None:
    """A mark of the environment makes another file."""
    assert paths.file_name("n" * 80) == "n" * 80
    assert paths.file_name("n" * 81).startswith("n" * 80 + "~")
    assert paths.file_name("dev", "mine").startswith("dev_mine~")


@pytest.mark.parametrize("runtime", ["run", "{}/file", "{}/absent", ""])
def test_runtime_folder_when_the_runtime_folder_is_none_then_is_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runtime: str
) -> None:
    """A relative path, a file, nothing at all."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").mkdir()
    (tmp_path / "file").touch()
    environ = {
        "XDG_RUNTIME_DIR": runtime.format(tmp_path),
        "XDG_CACHE_HOME": "/cache",
        "XDG_STATE_HOME": "/state",
    }
    assert paths.runtime_folder("k", environ=environ) == "/cache/rolecall/k"
    assert paths.runtime_dir("k", environ=environ) == Path("/cache/rolecall/k")
    assert paths.cache_dir(environ=environ) == Path("/cache/rolecall")
    assert paths.state_dir(environ=environ) == Path("/state/rolecall")


def test_runtime_folder_when_it_cannot_be_written_to_then_is_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of one's own on a disk that was mounted for reading only: the kernel's answer, as root too."""
    environ = {"XDG_RUNTIME_DIR": str(tmp_path), "XDG_CACHE_HOME": "/cache"}
    assert paths.runtime_folder("k", environ=environ) == f"{tmp_path}/rolecall/k"
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    assert paths.runtime_folder("k", environ=environ) == "/cache/rolecall/k"


def test_plain_when_characters_are_not_allowed_then_each_is_an_underscore() -> None:
    """One for one."""
    assert paths.plain("a/é.b", frozenset("ab.")) == "a__.b"


@pytest.mark.parametrize(
    ("system", "state", "cache"),
    [
        ("Linux", ".local/state", ".cache"),
        ("Darwin", "Library/Application Support", "Library/Caches"),
    ],
)
def test_folders_when_nothing_names_them_then_are_the_systems(
    monkeypatch: pytest.MonkeyPatch, system: str, state: str, cache: str
) -> None:
    """A relative path in such a variable is ignored (XDG Base Directory Specification)."""
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(sysname=system))
    environ = {"HOME": "/people/ann", "XDG_STATE_HOME": "state", "XDG_CACHE_HOME": ""}
    assert paths.state_folder(environ=environ) == f"/people/ann/{state}/rolecall"
    assert paths.cache_dir(environ=environ) == Path(f"/people/ann/{cache}/rolecall")


@pytest.mark.parametrize(("given", "found"), [("/x", "/x"), ("x", "/people/ann/.x"), ("", "/people/ann/.x")])
def test_xdg_when_a_variable_names_a_folder_then_is_it_if_absolute(given: str, found: str) -> None:
    """Else the usual one below home."""
    environ = {"HOME": "/people/ann", "XDG_X": given}
    assert paths.xdg("XDG_X", ".x", environ=environ) == Path(found)


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}])
def test_home_when_it_is_not_set_then_says_what_helps(environ: dict[str, str]) -> None:
    """The command is typed as it stands."""
    with pytest.raises(MachineError, match="HOME is not set") as raised:
        paths.home(environ=environ)
    assert (raised.value.code, raised.value.hint) == ("home-missing", 'export HOME="$(cd ~ && pwd)"')


def test_shipped_when_it_is_a_wheel_then_lies_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a checkout, at the top level."""
    assert paths.shipped("envrc.d") == LIBRARY.parent
    package = tmp_path / "src/rolecall"
    monkeypatch.setattr(paths, "__file__", str(package / "system/disk/paths.py"))
    assert paths.shipped("templates") == tmp_path / "templates"
    (package / "packaged/templates").mkdir(parents=True)
    assert paths.shipped("templates") == package / "packaged/templates"


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
    assert paths.short(Path(path), environ={"HOME": "/"}) == paths.short(Path(path), environ={}) == path
