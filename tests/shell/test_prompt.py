"""The role's name in a prompt: by the real starship, and by the lines of the docs in a plain shell."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.workstation.profiles import step as profiles
from rolecall.workstation.prompt import name
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context, State
from support import ROLES_TOML
from support.clients import PREPARED
from support.terminals import SHELLS, Rendered, Terminal

PAGE = (Path(__file__).resolve().parents[2] / "docs/consumers.md").read_text()
BY_PROFILE = ROLES_TOML.replace("[project]", '[project]\ndelivery = "profile"')


def context(root: Path, answer: str = "yes") -> Context:
    return Context(root, Answers(yes=True, prompt=answer), journal=Journal(root, os.environ).append)


@pytest.fixture
def starship() -> str:
    """Return starship: of this machine, or what tests/clients/prepare fetched."""
    built = f"{PREPARED}/starship/bin/starship"
    found = shutil.which("starship") or (built if PREPARED and Path(built).exists() else "")
    if not found:
        pytest.skip("the client starship: tests/clients/prepare has not made it")
    return found


def shown(starship: str, made: Rendered) -> str:
    """Return what starship's module shows in the environment that a `cd` gives, without colours."""
    exports = {name: value for name, value in made.cd().exports.items() if value is not None}
    done = subprocess.run(
        [starship, "module", "aws"], env={**os.environ, **exports}, capture_output=True, text=True, check=True
    )
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)


def test_starship_when_setup_was_asked_then_shows_the_name_the_region_and_the_time(
    either: Rendered, starship: str
) -> None:
    """Without that, region and time."""
    assert "dev" not in shown(starship, either)
    name.apply(context(either.root))
    assert re.search(r"dev \(eu-west-1\) \[(1h|59m\d*s?)", shown(starship, either))


def test_starship_when_delivered_by_profile_then_shows_the_profile(
    make_rendered: Callable[..., Rendered], tmp_path: Path, starship: str
) -> None:
    """It looks the name up in the AWS config, so no other name is given."""
    made = make_rendered(tmp_path / "shop", roles=BY_PROFILE)
    name.apply(context(made.root))
    profiles.apply(context(made.root))
    assert "shop-dev (eu-west-1)" in shown(starship, made)


def test_name_when_asked_for_then_is_exported_until_it_is_taken_back(rendered: Rendered) -> None:
    """In powerlevel10k the same variable counts; another person's file does not."""
    assert "AWSUME_PROFILE" not in rendered.cd().exports
    assert name.check(context(rendered.root)).state is State.CHANGE
    name.apply(context(rendered.root))
    assert rendered.cd().exports["AWSUME_PROFILE"] == "dev"
    assert name.check(context(rendered.root, "")).state is State.DONE
    done = subprocess.run(
        ["direnv", "exec", str(rendered.root), ".venv/bin/invoke", "exec", "--role", "prod", "--", "env"],
        cwd=rendered.root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "AWSUME_PROFILE=prod" in done.stdout.splitlines()
    name.apply(context(rendered.root, "no"))
    assert "AWSUME_PROFILE" not in rendered.cd().exports
    assert name.check(context(rendered.root, "")).state is State.DONE


def test_name_when_torn_down_then_nothing_is_left(rendered: Rendered) -> None:
    """The file goes with the last project."""
    name.apply(context(rendered.root))
    for found in Journal(rendered.root, os.environ).read():
        if found.step == name.NAME:
            name.undo(context(rendered.root), found)
    assert "AWSUME_PROFILE" not in rendered.cd().exports


@pytest.mark.parametrize("shell", SHELLS)
def test_snippet_when_a_plain_shell_has_it_then_the_prompt_shows_the_role_and_starts_nothing(
    rendered: Rendered, open_terminal: Callable[[str], Terminal], shell: str
) -> None:
    """As docs/consumers.md has it; it changes with the role, and goes outside the project."""
    lines = PAGE.split(f"```{shell}\n# the prompt\n")[1].split("```", maxsplit=1)[0].strip().splitlines()
    terminal = open_terminal(shell)
    for line in lines:
        terminal.run(line)
    terminal.run("true")
    assert "(dev)" not in terminal.run("true")
    terminal.run(f"cd '{rendered.root}'")
    terminal.run("true")
    assert "(dev)" in terminal.run("true")
    terminal.run("cd /")
    terminal.run("true")
    assert "(dev)" not in terminal.run("true")
    assert not any("$(" in line or "`" in line for line in lines)


def test_editor_when_it_loads_the_project_then_gets_the_default_role_and_no_question(
    rendered: Rendered, open_terminal: Callable[[str], Terminal]
) -> None:
    """VS Code's direnv extension and those of JetBrains: `direnv export json`, in no terminal, twice."""
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    terminal.run(".venv/bin/invoke assume --role prod")
    assert terminal.value("ROLECALL_ROLE") == "prod"
    first = editor(rendered.root, {})
    assert first["ROLECALL_ROLE"] == "dev"
    assert str(first["AWS_ACCESS_KEY_ID"]).startswith("ASIA")
    assert editor(rendered.root, {name: value for name, value in first.items() if value is not None}) == {}


def editor(root: Path, loaded: dict[str, str]) -> dict[str, str | None]:
    """Return what an editor loads: its process leads a session without a terminal."""
    done = subprocess.run(
        ["direnv", "export", "json"],
        cwd=root,
        env={**os.environ, **loaded},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=True,
    )
    found: dict[str, str | None] = json.loads(done.stdout or "{}")
    return found
