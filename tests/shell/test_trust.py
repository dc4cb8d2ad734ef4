"""rolecall in the project itself, as in this repository: what a pull brings is compared before it runs."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rolecall.system.disk import paths
from rolecall.workstation.envrc import manifest
from support import ROLES_TOML, Sts, write_env
from support.terminals import Rendered, allow

ROOT = Path(__file__).resolve().parents[2]
RENDER = "import sys; from pathlib import Path; from rolecall.workstation.envrc import render; "
RENDER += "print(render.envrc(Path(sys.argv[1])), end='')"


@pytest.fixture
def checkout(direnv: str, sts: Sts, tmp_path: Path) -> Rendered:
    """Make a project that holds rolecall's own package, rendered by it and approved."""
    root = tmp_path / "roll"
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("src/rolecall", "templates", "envrc.d"):
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    (root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    write_env(root, sts.env_file())
    environ = {**os.environ, "PYTHONPATH": str(root / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    argv = [sys.executable, "-c", RENDER, str(root)]
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=True, cwd="/")
    (root / ".envrc").write_text(done.stdout)
    allow(root)
    return Rendered(root, paths.runtime_dir(paths.project_key(root)))


def test_cd_when_the_package_is_as_approved_then_it_runs(checkout: Rendered, home: Path) -> None:
    """Bash lists the same files as Python did, and their digests agree; bytecode goes to a private place."""
    assert checkout.cd().exports["ROLECALL_ROLE"] == "dev"
    assert not list((checkout.root / "src").rglob("__pycache__"))
    assert list((home / ".cache/rolecall").rglob("*.pyc"))


@pytest.mark.parametrize("name", ["errors.py", "credentials/broker.py", "__main__.py"])
def test_cd_when_a_file_of_the_package_changed_then_it_is_named_and_nothing_runs(
    checkout: Rendered, name: str
) -> None:
    """A pull that changes rolecall itself does not run before it is approved."""
    with (checkout.root / "src/rolecall" / name).open("a") as file:
        file.write(f"\nopen({str(checkout.root / 'hacked')!r}, 'w')\n")
    loaded = checkout.cd()
    (line,) = loaded.lines
    assert f"src/rolecall/{name} is not as you approved it; nothing was run" in line
    assert "AWS_ACCESS_KEY_ID" not in loaded.exports
    assert not (checkout.root / "hacked").exists()


@pytest.mark.parametrize("name", ["errors/__init__.py", "new.py", "errors.so", "errors.pyc", "system/abc.py"])
def test_cd_when_a_file_of_the_package_is_new_then_it_is_named(checkout: Rendered, name: str) -> None:
    """A package or an extension beside a module would be imported in its place."""
    path = checkout.root / "src/rolecall" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    assert f"src/rolecall/{name} is not as you approved it" in checkout.cd().lines[0]


def test_cd_when_a_file_of_the_package_is_gone_then_says_so(checkout: Rendered) -> None:
    """A removed file counts as much as a changed one."""
    (checkout.root / "src/rolecall/py.typed").unlink(missing_ok=True)
    (checkout.root / "src/rolecall/pytest_plugin.py").unlink()
    assert "that you approved is gone; nothing was run" in checkout.cd().lines[0]


@pytest.mark.parametrize("target", ["/usr", ".", "/dev/zero"])
def test_cd_when_the_package_holds_a_link_then_it_is_refused(checkout: Rendered, target: str) -> None:
    """A link is never followed: neither out of the folder nor in a circle."""
    (checkout.root / "src/rolecall/system/x").symlink_to(target)
    assert "src/rolecall/system/x is a link; nothing was run" in checkout.cd().lines[0]


def test_cd_when_bytecode_comes_along_then_it_is_not_read(checkout: Rendered) -> None:
    """An unchecked .pyc in `__pycache__` would run in place of the source that was compared."""
    import importlib._bootstrap_external as external

    source = checkout.root / "src/rolecall/errors.py"
    hack = compile(f"open({str(checkout.root / 'hacked')!r}, 'w')", str(source), "exec")
    cached = source.parent / "__pycache__" / f"errors.{sys.implementation.cache_tag}.pyc"
    cached.parent.mkdir()
    writer = external._code_to_hash_pyc  # type: ignore[attr-defined] # CPython's own
    data = writer(hack, b"12345678", checked=False)
    cached.write_bytes(data)
    assert checkout.cd().exports["ROLECALL_ROLE"] == "dev"
    assert not (checkout.root / "hacked").exists()


def test_cd_when_code_lies_beside_the_package_then_it_cannot_be_imported(checkout: Rendered) -> None:
    """`src` itself is not on the path: a module there stands in for nothing."""
    for name in ("dotenv", "hashlib", "sitecustomize"):
        (checkout.root / f"src/{name}.py").write_text(f"open({str(checkout.root / 'hacked')!r}, 'w')\n")
    assert checkout.cd().exports["ROLECALL_ROLE"] == "dev"
    assert not (checkout.root / "hacked").exists()


def test_cd_when_a_session_is_about_to_end_then_the_package_is_still_as_approved(checkout: Rendered) -> None:
    """The session files that were looked at are no files of the package."""
    token = checkout.cd().exports["AWS_SESSION_TOKEN"]
    checkout.move_times(expires=int(time.time()) + 60)
    loaded = checkout.cd()
    assert loaded.exports["AWS_SESSION_TOKEN"] != token, loaded.said


def test_cd_when_the_package_changed_and_a_session_is_valid_then_it_stays_usable(checkout: Rendered) -> None:
    """Valid credentials stay while the person reviews."""
    first = checkout.cd()
    with (checkout.root / "src/rolecall/errors.py").open("a") as file:
        file.write("\n")
    roles = checkout.root / "envrc.d/roles.toml"
    roles.write_text(roles.read_text() + "\n")
    assert checkout.cd().exports["AWS_SESSION_TOKEN"] == first.exports["AWS_SESSION_TOKEN"]


def test_manifest_when_a_name_sorts_otherwise_in_a_locale_then_bash_and_python_agree(
    checkout: Rendered,
) -> None:
    """Both sort by bytes: capitals, digits, underscores and other alphabets included."""
    package = checkout.root / "src/rolecall"
    for name in ("Z.py", "a_b.py", "a1.py", "ä.py", "a.b.py", "aB.py"):
        (package / name).write_text(name)
    script = (ROOT / "envrc.d/40-trust.cold.sh").read_text()
    script += '\n_rolecall_package=$1 _rolecall_files=(); _rolecall_say() { echo "$1"; }\n'
    script += 'LC_ALL=C; _rolecall_list "$1"; printf \'%s\\n\' "${_rolecall_files[@]}"\n'
    done = subprocess.run(
        ["bash", "-c", script, "x", str(package)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [line.split("  ", 1)[1] for line in manifest.of(package).splitlines()]
