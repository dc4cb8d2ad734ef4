"""The wheel, as people install it: with pipx, with uv, from a throw-away environment, and as a dependency.

Real installers put a really built wheel into a clean home; nothing reaches the network.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from support import ROLES_TOML, Sts, foreign, wheelhouse, write_env
from support.fake_aws import FakeAws, json_reply
from support.installed import BIN, OLD, PATIENCE_SECONDS, Wheels, python

pytestmark = pytest.mark.xdist_group("acceptance")  # the wheels are packed once
INSTALLERS = ("pipx", "uv", "man", ".git", "run", "__pycache__")


class Machine:
    """A clean home, a PATH without this checkout, and a repository that knows nothing of rolecall."""

    def __init__(self, home: Path, root: Path, wheel: Path) -> None:
        self.home, self.root, self.wheel = home, root, wheel
        own = [part for part in os.environ["PATH"].split(os.pathsep) if part != str(BIN)]
        self.environ = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"} | {
            **wheelhouse.environ(wheel.parent),
            "PATH": os.pathsep.join([str(home / ".local/bin"), str(Path(python()).parent), *own]),
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

    def contents(self) -> dict[str, object]:
        """Return every file, link and folder, but for the installers' own."""
        found = foreign.contents(self.home, self.root)
        return {
            path: what
            for path, what in found.items()
            if not any(f"/{name}/" in f"{path}/" for name in INSTALLERS)
        }


@pytest.fixture
def machine(home: Path, tmp_path: Path, sts: Sts, wheels: Wheels) -> Iterator[Machine]:
    """Make a repository of somebody's, in a folder with a space, on a machine with a clean home."""
    root = tmp_path / "my shop"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    write_env(root, sts.env_file())
    (home / ".bashrc").write_text("alias ll='ls -l'\n")
    for name in (".config", ".cache", ".local/share", ".local/state", ".local/bin"):
        (home / name).mkdir(parents=True)
    yield Machine(home, root, wheels.rolecall(OLD))
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
    machine.run(BIN / installer[0], *installer[1:], machine.wheel)
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
    words: list[str | Path] = [BIN / runner[0], *runner[1:], machine.wheel, "rolecall"]
    (machine.root / "envrc.d/roles.toml").rename(machine.home / "roles.toml")
    assert "declares none and ROLE_ARN is not set" in machine.run(*words, "setup", "--yes", code=2)
    assert not (machine.home / ".local/share/rolecall").exists()
    (machine.home / "roles.toml").rename(machine.root / "envrc.d/roles.toml")
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
    machine.run(BIN / "uv", "venv", "--quiet", "--python", python(), ".venv")
    machine.run(BIN / "uv", "pip", "install", "--quiet", "--python", ".venv/bin/python", machine.wheel)
    before = machine.contents()
    said = machine.run(".venv/bin/invoke", "aws.setup", "--yes")
    assert "invoke aws.whoami" in said
    spend_the_day(machine, machine.root / ".venv/bin/rolecall")
    (machine.root / "envrc.d/roles.toml").write_text("[roles.dev\n")
    assert "invoke" not in machine.cd()[1].replace("invoke aws.", "")
    (machine.root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    machine.run(".venv/bin/invoke", "aws.teardown", "--yes")
    assert machine.contents() == before


def test_workflow_when_its_steps_run_on_a_runner_then_later_steps_hold_the_role(
    machine: Machine, sts: Sts, aws: FakeAws
) -> None:
    """The rendered steps as GitHub's bash runs them: pipx installs, and the job's token takes the role."""
    (machine.root / ".env").unlink()
    machine.run(BIN / "uv", "tool", "install", machine.wheel)
    machine.run("rolecall", "render", "--ci", "--package", machine.wheel)
    machine.run(BIN / "uv", "tool", "uninstall", "rolecall")
    (machine.home / ".local/bin/pipx").symlink_to(BIN / "pipx")
    (job,) = yaml.safe_load((machine.root / ".github/workflows/rolecall.yml").read_text())["jobs"].values()
    take, whoami = (step["run"] for step in job["steps"][-2:])
    aws.queue("GET /oidc", json_reply({"value": "a.job.token"}))
    github = machine.home / "github.env"
    machine.environ |= {
        "PATH": f"{machine.environ['PATH']}:{BIN}",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_RUN_ID": "1234567",
        "GITHUB_ENV": str(github),
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{aws.url}/oidc?api=2",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token",
        "AWS_ENDPOINT_URL": sts.url,
    }
    printed = machine.run("bash", "-eo", "pipefail", "-c", take)
    given = dict(line.split("=", 1) for line in github.read_text().splitlines())
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        assert f"::add-mask::{given[name]}\n" in printed
        assert printed.count(given[name]) == 1
    machine.environ |= given
    assert ":assumed-role/dev/github-1234567@" in machine.run("bash", "-eo", "pipefail", "-c", whoami)
    assert not (machine.root / ".envrc").exists()
