"""`.venv` made and repaired by a bare Python, with real venvs and a real pip that needs no network."""

import ast
import json
import os
import re
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
from support import wheelhouse
from support.installed import BIN

TREE = Path(__file__).resolve().parents[3]
PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "tiny"
version = "1"

[project.optional-dependencies]
sandbox = []

[dependency-groups]
test = []
"""
BACKEND = """\
import zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "tiny-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("tiny.py", "")
        info = "tiny-1.dist-info"
        about = ("Metadata-Version: 2.1", "Name: tiny", "Version: 1", "Provides-Extra: sandbox")
        kind = ("Wheel-Version: 1.0", "Generator: x", "Root-Is-Purelib: true", "Tag: py3-none-any")
        wheel.writestr(f"{info}/METADATA", "\\n".join(about) + "\\n")
        wheel.writestr(f"{info}/WHEEL", "\\n".join(kind) + "\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one `.venv` for all tests of this file; each takes a copy."""
    root = tmp_path_factory.mktemp("tiny")
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "backend.py").write_text(BACKEND)
    assert bootstrap.prepare(Venv(root)) is True
    return root


@pytest.fixture
def tiny(made: Path, tmp_path: Path) -> Venv:
    """Copy the project with its `.venv`."""
    root = tmp_path / "tiny"
    shutil.copytree(made, root, symlinks=True)
    config = root / ".venv/pyvenv.cfg"
    config.write_text(config.read_text().replace(str(made), str(root)))
    touch_stamp(Venv(root), place=str(root))
    return Venv(root)


def touch_stamp(tiny: Venv, **changes: object) -> None:
    tiny.stamp_file.write_text(json.dumps({**json.loads(tiny.stamp_file.read_text()), **changes}))


def drop_stamp(tiny: Venv) -> None:
    tiny.stamp_file.unlink()


def lose_python(tiny: Venv) -> None:
    tiny.python.unlink()
    tiny.python.symlink_to("/gone/python3")


def lose_more(tiny: Venv) -> None:
    shutil.rmtree(tiny.folder / "bin")


def other_version(tiny: Venv) -> None:
    config = tiny.folder / "pyvenv.cfg"
    config.write_text(config.read_text().replace(f"version = {sys.version.split()[0]}", "version = 3.9.2"))


def change_pyproject(tiny: Venv) -> None:
    with (tiny.root / "pyproject.toml").open("a") as file:
        file.write("# changed\n")


def remove(tiny: Venv) -> None:
    shutil.rmtree(tiny.folder)


# Made and repaired


def test_prepare_when_there_is_no_venv_then_makes_one_with_the_project_in_it(tiny: Venv) -> None:
    """The project is installed, the stamp is written, and a second look finds nothing to do."""
    listed = subprocess.run(
        [tiny.python, "-m", "pip", "list"], capture_output=True, text=True, check=True
    ).stdout
    assert "tiny" in listed
    assert tiny.trouble() is None
    assert bootstrap.prepare(tiny) is False
    assert tiny.is_made_here


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (remove, "no .venv yet"),
        (drop_stamp, "not finished"),
        (lose_python, "its Python is gone"),
        (lose_more, "half made"),
        (other_version, "made for Python 3.9"),
        (change_pyproject, "pyproject.toml has changed"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_trouble_when_something_is_wrong_then_names_it(
    tiny: Venv, harm: Callable[[Venv], None], told: str
) -> None:
    """Half made, of another Python, Python gone, out of date: each is seen, without changing anything."""
    harm(tiny)
    assert told in (tiny.trouble() or "")


@pytest.mark.parametrize("harm", [lose_python, drop_stamp], ids=lambda value: value.__name__)
def test_prepare_when_something_is_wrong_then_repairs_it(tiny: Venv, harm: Callable[[Venv], None]) -> None:
    """A venv whose Python is gone is remade; one that was not finished is finished."""
    harm(tiny)
    assert bootstrap.prepare(tiny) is True
    assert tiny.trouble() is None


@pytest.mark.parametrize("move", [shutil.copytree, shutil.move], ids=["copied", "renamed"])
def test_prepare_when_the_folder_was_copied_or_renamed_then_makes_it_anew_here(
    tiny: Venv, move: Callable[..., object]
) -> None:
    """Its programs and its imports led to the first folder."""
    bootstrap.prepare(Venv(tiny.root))
    other = Venv(tiny.root.with_name("other"))
    move(str(tiny.root), str(other.root))
    assert f"made in {tiny.root}" in (other.trouble() or "")
    assert bootstrap.prepare(other) is True
    assert other.trouble() is None
    where = [str(other.folder / "bin/pip"), "--version"]
    said = subprocess.run(where, capture_output=True, text=True, check=True).stdout
    assert str(other.folder) in said
    assert other.is_made_here


def test_trouble_when_pyvenv_names_no_place_then_the_stamp_does(made: Path, tmp_path: Path) -> None:
    """An older Python, and uv, write no command there."""
    root = tmp_path / "copy"
    shutil.copytree(made, root, symlinks=True)
    config = root / ".venv/pyvenv.cfg"
    config.write_text(re.sub(r"(?m)^command.*\n", "", config.read_text()))
    assert f"made in {made}," in (Venv(root).trouble() or "")


@pytest.mark.parametrize("facts", [{}, {"place": ""}], ids=["a stamp without a place", "an empty one"])
def test_trouble_when_the_stamp_names_no_place_then_pyvenv_does(
    tiny: Venv, tmp_path: Path, facts: dict[str, str]
) -> None:
    """An older rolecall did not write it; Python itself did, also with a space in the path."""
    stamp = json.loads(tiny.stamp_file.read_text())
    del stamp["place"]
    tiny.stamp_file.write_text(json.dumps({**stamp, **facts}))
    (tmp_path / "link").symlink_to(tiny.root)
    assert tiny.trouble() is None
    assert Venv(tmp_path / "link").trouble() is None
    shutil.copytree(tiny.root, tmp_path / "a copy", symlinks=True)
    copied = Venv(tmp_path / "a copy")
    assert f"made in {tiny.root}" in (copied.trouble() or "")
    assert not copied.has_sound_python()
    (copied.folder / "pyvenv.cfg").write_text("home = /usr/bin\nversion_info = 3.11.7\nuv = 0.9\n")
    assert "made in" not in (copied.trouble() or "")


def test_repair_when_interrupted_then_the_venv_is_still_ours(
    tiny: Venv, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Teardown removes what was half made by us, and never a person's own that we finished."""
    remove(tiny)
    monkeypatch.setattr(progress, "run", lambda *_args, **_kwargs: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        bootstrap.prepare(tiny)
    assert tiny.is_made_here
    assert tiny.trouble() is not None
    tiny.stamp_file.unlink()
    (tiny.folder / "theirs").touch()
    with pytest.raises(KeyboardInterrupt):
        bootstrap.prepare(tiny)
    assert not tiny.is_made_here


def test_trouble_when_a_group_is_missing_then_names_it(tiny: Venv) -> None:
    """`test` wants the test dependencies too; setup does not mind having them."""
    more = Venv(tiny.root, ("test",))
    assert "test" in (more.trouble() or "")
    touch_stamp(tiny, groups=["test"])
    assert more.trouble() is None
    assert tiny.trouble() is None


def test_repair_when_the_venv_is_a_link_then_refuses(tiny: Venv, tmp_path: Path) -> None:
    """A `.venv` that points elsewhere is a person's own arrangement."""
    elsewhere = tmp_path / "elsewhere"
    tiny.folder.rename(elsewhere)
    tiny.folder.symlink_to(elsewhere)
    with pytest.raises(MachineError, match="not a folder"):
        bootstrap.prepare(tiny)
    assert (elsewhere / "pyvenv.cfg").exists()


# Debian without python3-venv


@pytest.fixture
def without_ensurepip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make this Python one of Debian's: no ensurepip until apt-get (a recorded fake) has installed it."""
    shadow = tmp_path / "shadow"
    (shadow / "ensurepip").mkdir(parents=True)
    (shadow / "ensurepip/__init__.py").write_text("raise ImportError('python3-venv is not installed')")
    programs = tmp_path / "programs"
    programs.mkdir()
    apt = programs / "apt-get"
    apt.write_text(
        f'#!/bin/sh\necho "$@" >>"{tmp_path}/apt.log"\n[ "$1" != install ] || rm -r "{shadow}/ensurepip"\n'
    )
    apt.chmod(0o755)
    monkeypatch.setenv("PYTHONPATH", str(shadow))
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")  # where no uv is
    return tmp_path / "apt.log"


def test_prepare_when_root_lacks_ensurepip_then_installs_it(
    tiny: Venv, without_ensurepip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """apt-get installs pythonX.Y-venv, then the venv is made."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    remove(tiny)
    assert bootstrap.prepare(tiny) is True
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    assert without_ensurepip.read_text().splitlines() == ["update", f"install -y {package}"]


def test_prepare_when_a_user_lacks_ensurepip_then_names_the_command(
    tiny: Venv, without_ensurepip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No password prompt, no hang: the command to type."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    programs = without_ensurepip.parent / "programs/sudo"
    programs.write_text("#!/bin/sh\nexit 1\n")
    programs.chmod(0o755)
    remove(tiny)
    with pytest.raises(MachineError) as caught:
        bootstrap.prepare(tiny)
    assert "apt-get install -y python3" in caught.value.hint
    assert "put uv on your PATH" in caught.value.message
    assert not without_ensurepip.exists()


def test_prepare_when_a_user_lacks_ensurepip_but_has_uv_then_that_makes_it(
    tiny: Venv, without_ensurepip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real uv, with a wheel of pip: no root, no package."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheelhouse.repack("pip", wheels)
    for name, value in {**wheelhouse.environ(wheels), "UV_NO_CONFIG": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    (without_ensurepip.parent / "programs/uv").symlink_to(BIN / "uv")
    remove(tiny)
    assert bootstrap.prepare(tiny) is True
    assert tiny.trouble() is None
    assert not without_ensurepip.exists()


# One setup at a time


def test_locked_when_another_setup_runs_then_waits_for_it(tmp_path: Path) -> None:
    """Two setups of one folder never interleave; the one that waits says so; a killed one lets go."""
    code = (
        "import sys; from pathlib import Path; from rolecall.workstation.venv import ensure\n"
        "with ensure.locked(Path(sys.argv[1])): print('in', flush=True); sys.stdin.read()"
    )
    argv = [sys.executable, "-c", code, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(argv, **pipes) as first:  # type: ignore[call-overload] # the pipes by name
        assert first.stdout.readline() == "in\n"
        with subprocess.Popen(argv, **pipes) as second:  # type: ignore[call-overload] # as above
            assert "waiting for another setup" in second.stderr.readline()
            first.kill()
            assert second.stdout.readline() == "in\n"
            second.stdin.close()
    assert list(tmp_path.iterdir()) == []


def test_apply_when_setup_holds_the_folder_then_does_not_wait(tiny: Venv) -> None:
    """Setup holds the checkout; its own step `.venv` must not ask for it a second time."""
    (tiny.root / "src/rolecall/workstation/setup").mkdir(parents=True)
    (tiny.root / "src/rolecall/workstation/setup/bootstrap.py").touch()
    code = (
        "import sys; from pathlib import Path;"
        "from rolecall.workstation.venv import ensure, step;"
        "from rolecall.workstation.steps.step import Context;"
        "root = Path(sys.argv[1]);\nwith ensure.locked(root): step.apply(Context(root))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tiny.root)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert tiny.trouble() is None


def test_tasks_file_when_read_by_an_old_python_then_can_be_parsed() -> None:
    """A Python older than 3.11 comes as far as the line that says so."""
    ast.parse((TREE / "tasks.py").read_text(), feature_version=(3, 6))


def test_bootstrap_when_imported_then_needs_the_standard_library_alone() -> None:
    """`python3 tasks.py` starts where nothing is installed."""
    code = (
        "import sys; sys.path.insert(0, 'src'); before = set(sys.modules);"
        "from rolecall.workstation.setup import bootstrap, plan;"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(sorted(name for name in new if name not in sys.stdlib_module_names and name != 'rolecall'))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], cwd=TREE, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr
