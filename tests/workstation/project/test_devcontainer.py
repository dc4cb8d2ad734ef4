"""The dev container: a script that bash and shellcheck accept, and a devcontainer.json that is the team's."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rolecall.errors import RolecallError
from rolecall.workstation.project import devcontainer, made_file
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context, State

PACKAGE = "./vendor/a wheel's $x.whl"
BIN = Path(sys.executable).parent


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Make a repository."""
    root = tmp_path / "a shop é"
    root.mkdir()
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def context(root: Path, said: list[str] | None = None, **answers: Any) -> Context:
    say = said.append if said is not None else lambda _: None
    return Context(root, Answers(**answers), say=say, journal=Journal(root, os.environ).append)


def render(root: Path, package: str = PACKAGE, **answers: Any) -> list[str]:
    """Render it, and return what was said."""
    said: list[str] = []
    devcontainer.step(package).apply(context(root, said, **answers))
    return said


def test_script_when_rendered_then_bash_shellcheck_and_shfmt_accept_it(shop: Path) -> None:
    """And devcontainer.json runs it."""
    render(shop, "./vendor/a wheel's x.whl")
    script = shop / devcontainer.SCRIPT
    subprocess.run(["bash", "-n", str(script)], check=True)
    subprocess.run([BIN / "shellcheck", str(script)], check=True)
    subprocess.run([BIN / "shfmt", "-i", "2", "-d", str(script)], check=True)
    document = json.loads((shop / devcontainer.FILE).read_text())
    assert document["name"] == "a shop é"
    assert document["postCreateCommand"] == "bash .devcontainer/rolecall.sh"
    assert devcontainer.step().check(context(shop)).state is State.DONE


@pytest.mark.parametrize(
    "name", [devcontainer.FILE, ".devcontainer.json", ".devcontainer/go/devcontainer.json"]
)
def test_devcontainer_when_one_is_there_then_it_stays_and_the_line_is_said(shop: Path, name: str) -> None:
    """Once it has the line, nothing is said."""
    own = shop / name
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("{} // ours\n")
    assert render(shop) == [
        f"{name} is yours and stays; so that it runs the script, add to it: {devcontainer.LINE}"
    ]
    assert own.read_text() == "{} // ours\n"
    assert list(shop.rglob("*devcontainer.json")) == [own]
    own.write_text(f"{{{devcontainer.LINE}}}\n")
    assert render(shop, "other") == []
    assert devcontainer.step().check(context(shop)).state is State.DONE


def test_script_when_edited_then_it_is_drift_and_stays(shop: Path) -> None:
    """Written over only where the person says so."""
    render(shop)
    script = shop / devcontainer.SCRIPT
    script.write_text(edited := script.read_text() + "make\n")
    found = devcontainer.step().check(context(shop))
    assert (found.state, "\n-make" in found.diff) == (State.CHANGE, True)
    assert devcontainer.step().check(context(shop, on_edit="keep")).state is State.DONE
    with pytest.raises(RolecallError, match="was edited, and stays"):
        render(shop)
    assert script.read_text() == edited
    render(shop, "", on_edit="replace")
    assert "make" not in script.read_text()
    assert PACKAGE.replace("'", "'\"'\"'") in script.read_text()


@pytest.mark.parametrize(
    ("present", "says"),
    [
        ((), "lacks git pipx direnv, and nobody here may install it"),
        (("git", "pipx"), "setup --yes --envrc line"),
        (("git", "uv"), "setup --yes --envrc line"),
    ],
    ids=["bare", "pipx", "uv"],
)
def test_script_when_nobody_may_install_then_goes_on_without_direnv_or_says_what_the_image_needs(
    shop: Path, tmp_path: Path, present: tuple[str, ...], says: str
) -> None:
    """The programs are stand-ins that print how they were called."""
    render(shop)
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "env", "dirname", "grep"):
        (folder / name).symlink_to(f"/usr/bin/{name}")
    for name in (*present, "rolecall"):
        (folder / name).write_text('#!/bin/bash\nprintf "%s\\n" "${0##*/} $*"\n')
        (folder / name).chmod(0o755)
    environ = {"HOME": str(tmp_path), "PATH": str(folder)}
    done = subprocess.run(
        ["/bin/bash", str(shop / devcontainer.SCRIPT)],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert says in done.stdout + done.stderr
    assert (done.returncode != 0) is (present == ())
    if present:
        assert f"install --force {PACKAGE}\n" in done.stdout
    else:
        assert "try: add to its Dockerfile: RUN apt-get update && apt-get install -y" in done.stderr


def test_script_when_the_envrc_names_paths_of_another_machine_then_says_what_serves_both(
    shop: Path, tmp_path: Path
) -> None:
    """The host's file is not changed from within."""
    render(shop)
    (shop / ".envrc").write_text(
        "# Rendered by rolecall; change envrc.d/ or templates/ and run: invoke render\n"
    )
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("git", "direnv", "pipx", "rolecall"):
        (folder / name).write_text('#!/bin/sh\necho "$0 $*"\n')
        (folder / name).chmod(0o755)
    environ = {"HOME": str(tmp_path), "PATH": f"{folder}:/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", str(shop / devcontainer.SCRIPT)], env=environ, capture_output=True, text=True, check=True
    )
    assert "rolecall setup --envrc line" in done.stderr
    assert "rolecall setup" not in done.stdout


def test_undo_when_nothing_was_committed_then_it_is_gone(shop: Path) -> None:
    """With its folder."""
    render(shop)
    for record in reversed(Journal(shop, os.environ).read()):
        if record.step == devcontainer.NAME:
            made_file.undo(context(shop), record)
    assert not (shop / ".devcontainer").exists()
