"""The wheel, as people install it: with pipx, with uv, from a throw-away environment, and as a dependency.

Real installers put a really built wheel into a clean home; nothing reaches the network.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from support import ROLES_TOML, Sts, wheelhouse, write_env

PATIENCE_SECONDS = 240
PROGRAMS = Path(sys.executable).parent
BASE = Path(getattr(sys, "_base_executable", sys.executable))
pytestmark = [
    pytest.mark.xdist_group("installed"),  # the wheels are packed once
    pytest.mark.skipif(
        not all((PROGRAMS / name).exists() for name in ("pipx", "uv")),
        reason="pipx and uv are in the dependency group test: python3 tasks.py test installs them",
    ),
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, and pack the wheels of what it needs beside it."""
    return wheelhouse.build(tmp_path_factory.mktemp("wheels") / "house")


class Machine:
    """A clean home, a PATH without this checkout, and a repository that knows nothing of rolecall."""

    def __init__(self, home: Path, root: Path, wheel: Path) -> None:
        self.home, self.root, self.wheel = home, root, wheel
        own = [part for part in os.environ["PATH"].split(os.pathsep) if part != str(PROGRAMS)]
        self.environ = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"} | {
            **wheelhouse.environ(wheel.parent),
            "PATH": os.pathsep.join([str(home / ".local/bin"), str(BASE.parent), *own]),
            "SHELL": "/bin/bash",
        }

    def run(self, *argv: str | Path, text_in: str = "", code: int | None = 0) -> str:
        """Run `argv` in the repository, and return both of its streams."""
        done = subprocess.run(
            [str(word) for word in argv],
            cwd=self.root,
            env=self.environ,
            input=text_in,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
            start_new_session=True,
        )
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def cd(self) -> tuple[Mapping[str, str | None], str]:
        """Enter the folder as direnv does; return what is exported, and what is said."""
        done = subprocess.run(
            ["direnv", "export", "json"],
            cwd=self.root,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
        said = [line for line in done.stderr.splitlines() if line.startswith("rolecall:")]
        return json.loads(done.stdout or "{}"), "\n".join(said)

    def contents(self) -> dict[str, bytes | str]:
        """Return every file, link and folder, but for the installers' own."""
        found: dict[str, bytes | str] = {}
        for path in sorted([*self.home.rglob("*"), *self.root.rglob("*")]):
            if any(f"/{name}/" in f"{path}/" for name in ("pipx", "uv", "man", ".git", "run", "__pycache__")):
                continue
            kind = "folder" if path.is_dir() else f"{path.stat().st_mode:o} {path.read_bytes()!r}"
            found[str(path)] = f"link to {path.readlink()}" if path.is_symlink() else kind
        return found


@pytest.fixture
def machine(home: Path, tmp_path: Path, sts: Sts, wheel: Path) -> Iterator[Machine]:
    """Make a repository of somebody's, in a folder with a space, on a machine with a clean home."""
    root = tmp_path / "my shop"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    write_env(root, sts.env_file())
    (home / ".bashrc").write_text("alias ll='ls -l'\n")
    for name in (".config", ".cache", ".local/share", ".local/state", ".local/bin"):
        (home / name).mkdir(parents=True)
    yield Machine(home, root, wheel)
    shutil.rmtree(home / ".cache", ignore_errors=True)


def spend_the_day(machine: Machine, rolecall: str | Path = "rolecall") -> None:
    """Enter the folder, see who this is, take another role, and run a command in it."""
    exports, said = machine.cd()
    assert exports["ROLECALL_ROLE"] == "dev", said
    assert ":assumed-role/dev/" in machine.run("direnv", "exec", machine.root, rolecall, "whoami")
    shown = machine.run(rolecall, "exec", "prod", "--", "sh", "-c", "echo role:$ROLECALL_ROLE")
    assert "role:prod" in shown


@pytest.mark.parametrize("installer", [("pipx", "install"), ("uv", "tool", "install")], ids=["pipx", "uv"])
def test_rolecall_when_installed_by_a_tool_then_serves_a_repository_and_leaves_it(
    machine: Machine, installer: tuple[str, ...]
) -> None:
    """Set up, the day, and a teardown that leaves the home and the repository as they were."""
    machine.run(PROGRAMS / installer[0], *installer[1:], machine.wheel)
    before = machine.contents()
    said = machine.run("rolecall", "setup", "--yes")
    assert "rolecall whoami" in said
    assert "invoke" not in said
    spend_the_day(machine)
    assert "0 to change" in machine.run("rolecall", "setup", "--plan")
    machine.run("rolecall", "teardown", "--yes")
    assert machine.contents() == before


@pytest.mark.parametrize("runner", [("uvx", "--from"), ("pipx", "run", "--spec")], ids=["uvx", "pipx-run"])
def test_setup_when_run_from_a_throw_away_environment_then_makes_itself_a_lasting_one(
    machine: Machine, runner: tuple[str, ...]
) -> None:
    """It says where; the tool's cache may go; a second run changes nothing; teardown removes it."""
    before = machine.contents()
    words: list[str | Path] = [PROGRAMS / runner[0], *runner[1:], machine.wheel, "rolecall"]
    plan = machine.run(*words, "setup", "--plan", code=2)
    assert "would copy rolecall to ~/.local/share/rolecall/venv, as the command ~/.local/bin/rolecall" in plan
    assert machine.contents() == before
    said = machine.run(*words, "setup", "--yes")
    assert "rolecall itself is in ~/.local/share/rolecall/venv" in said
    shutil.rmtree(machine.home / ".cache", ignore_errors=True)
    assert str(machine.home / ".local/share/rolecall/venv") in (machine.root / ".envrc").read_text()
    spend_the_day(machine)
    was = (machine.home / ".local/share/rolecall/venv").stat().st_ino
    assert "already right" in machine.run(*words, "setup", "--yes")
    assert (machine.home / ".local/share/rolecall/venv").stat().st_ino == was
    assert "- ~/.local/share/rolecall/venv\n- ~/.local/bin/rolecall\n" in machine.run(
        "rolecall", "teardown", "--plan", code=2
    )
    machine.run("rolecall", "teardown", "--yes")
    (machine.home / ".cache").mkdir(exist_ok=True)
    assert machine.contents() == before


def test_rolecall_when_a_dependency_of_the_project_then_invoke_and_rolecall_are_both_there(
    machine: Machine,
) -> None:
    """A `.venv` of the project's own, and its `tasks.py` with ours as a collection."""
    (machine.root / "tasks.py").write_text(
        "from invoke.collection import Collection\nfrom rolecall import tasks\n"
        "namespace = Collection()\nnamespace.add_collection(tasks.namespace, name='aws')\n"
    )
    machine.run(PROGRAMS / "uv", "venv", "--quiet", "--python", BASE, ".venv")
    machine.run(PROGRAMS / "uv", "pip", "install", "--quiet", "--python", ".venv/bin/python", machine.wheel)
    before = machine.contents()
    said = machine.run(".venv/bin/invoke", "aws.setup", "--yes")
    assert "invoke aws.whoami" in said
    spend_the_day(machine, machine.root / ".venv/bin/rolecall")
    (machine.root / "envrc.d/roles.toml").write_text("[roles.dev\n")
    assert "invoke" not in machine.cd()[1].replace("invoke aws.", "")
    (machine.root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    machine.run(".venv/bin/invoke", "aws.teardown", "--yes")
    assert machine.contents() == before


def commands() -> list[str]:
    """Return the commands of README's chapter "Your own project", line by line."""
    chapter = (wheelhouse.ROOT / "README.md").read_text().partition("\n## Your own project\n")[2]
    block = chapter.partition("```sh\n")[2].partition("```")[0]
    return [line.partition("  #")[0].strip() for line in block.splitlines()]


def test_readme_when_its_chapter_on_ones_own_project_is_typed_then_it_works(machine: Machine) -> None:
    """The commands as they stand: only the two paths are this test's, and nobody is there to be asked."""
    shutil.rmtree(machine.root / "envrc.d")
    with (machine.root / ".git/config").open("a") as file:
        file.write("[user]\n\tname = ann\n\temail = ann@example.org\n")
    (machine.home / ".aws").mkdir()
    (machine.home / ".aws/config").write_text(
        "[profile dev]\nrole_arn = arn:aws:iam::111122223333:role/dev\nsource_profile = default\n"
    )
    machine.environ["PATH"] = os.pathsep.join([machine.environ["PATH"], str(PROGRAMS)])
    for line in commands():
        typed = line.replace("/path/to/rolecall", str(machine.wheel)).replace("~/shop", f"'{machine.root}'")
        is_asking = typed == "rolecall setup"
        code = 2 if typed.endswith("--plan") else 0
        machine.run("bash", "-c", f"{typed} --yes --role-from dev" if is_asking else typed, code=code)
    assert "dev" in (machine.root / "envrc.d/roles.toml").read_text()
    assert machine.cd()[0]["ROLECALL_ROLE"] == "dev"
    assert machine.run("git", "log", "--format=%s").strip() == "Declare the AWS roles"
    assert machine.run("git", "show", "--name-only", "--format=").split() == ["envrc.d/roles.toml"]
