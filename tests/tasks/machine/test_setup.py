"""The machine's tasks as a script meets them: exit codes, and what is on which stream."""

import json
import os
import sys
from pathlib import Path

import pexpect
import pytest

from support import write_env
from support.invoked import invoke

ARN = "arn:aws:iam::123456789012:role/dev"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Make a project on a real account."""
    root = tmp_path / "shop"
    (root / "envrc.d").mkdir(parents=True)
    (root / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    (root / "envrc.d/roles.toml").write_text(f'[roles.dev]\nrole_arn = "{ARN}"\n')
    return root


def test_setup_when_the_project_is_on_the_sandbox_then_enter_leaves_it_there(shop: Path) -> None:
    """A person who presses Enter in a trial is not asked for the keys of a real account."""
    write_env(shop, "AWS_ENDPOINT_URL=http://127.0.0.1:9\n")
    (shop / ".env.account").touch(mode=0o600)
    words = ["-m", "invoke", "setup"]
    child = pexpect.spawn(sys.executable, words, cwd=str(shop), env=dict(os.environ), encoding="utf-8")
    child.expect(r"Set up a real account instead\? (\[.*?\])")
    assert child.match[1] == "[y/N]"
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["setup", "--sandbox", "--profile", "work"], "--sandbox brings its own"),
        (["setup", "--json"], "--plan --json"),
        (["setup", "--on-edit", "overwrite"], "merge, keep or replace"),
        (["setup", "--role-arn", "role/dev"], "is not a role ARN"),
        (["setup"], "invoke setup --profile NAME"),
        (["setup", "--access-key-id", "AKIAEXAMPLE000000001"], "--secret-from-stdin"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_setup_when_flags_cannot_mean_anything_then_exits_2_and_says_what_to_type(
    shop: Path, words: list[str], expected: str
) -> None:
    """Nothing is asked where nobody can answer, nothing is written, and there is no traceback."""
    done = invoke(shop, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert not (shop / ".env").exists()


def test_setup_when_the_secret_comes_by_stdin_then_shows_it_nowhere(shop: Path, home: Path) -> None:
    """The secret arrives in `.env`, and neither on a stream nor in the state folder."""
    key = ["--access-key-id", "AKIAEXAMPLE000000001", "--secret-from-stdin", "--region", "eu-west-1"]
    done = invoke(shop, "setup", "--yes", *key, text_in="xyzzy/plugh\n")
    assert done.returncode == 1
    assert "the proxy" in done.stderr  # the proof ends the run: no test reaches AWS
    assert "AWS_SECRET_ACCESS_KEY=xyzzy/plugh\n" in (shop / ".env").read_text()
    written = "".join(path.read_text() for path in home.rglob("*") if path.is_file())
    assert "xyzzy" not in done.stdout + done.stderr + written
    assert "AKIAEXAMPLE" not in done.stdout + done.stderr + written


def test_render_check_when_something_drifted_then_exits_1(shop: Path) -> None:
    """For CI and pre-commit: 1 and the difference, without writing; 0 once it is rendered."""
    assert invoke(shop, "render", "--check").returncode == 1
    assert not (shop / ".envrc").exists()
    assert invoke(shop, "render", "--yes").returncode == 0
    assert invoke(shop, "render", "--check").returncode == 0
    (shop / "envrc.d/60-own.sh").write_text("export OWN=1\n")
    drifted = invoke(shop, "render", "--check")
    assert drifted.returncode == 1
    assert "+export OWN=1" in drifted.stdout


def test_render_check_when_a_committed_file_drifted_then_exits_1_with_the_difference(shop: Path) -> None:
    """By name on a runner, which has no .envrc; without a name, like .envrc where it is there."""
    made = invoke(shop, "render", "--ci", "--devcontainer", "--package", "./rolecall.whl")
    assert made.returncode == 0, made.stderr
    assert "git add .github/workflows" in made.stderr
    assert invoke(shop, "render", "--check", "--ci", "--devcontainer").returncode == 0
    assert invoke(shop, "render", "--yes").returncode == 0
    for name, flag in (
        (".github/workflows/rolecall.yml", "--ci"),
        (".devcontainer/rolecall.sh", "--devcontainer"),
    ):
        path = shop / name
        was = path.read_text()
        path.write_text(was.replace("pipx install", "pip install"))
        for flags in ((), (flag,)):
            drifted = invoke(shop, "render", "--check", *flags)
            assert drifted.returncode == 1
            assert f"--- {name} (now)" in drifted.stdout
            assert "pip install" in drifted.stdout
        path.write_text(was)
    assert invoke(shop, "render", "--check").returncode == 0


def test_render_when_a_flag_means_nothing_alone_then_exits_2(shop: Path) -> None:
    """And shows the command that means it."""
    for words in (("--role", "dev"), ("--package", "x")):
        done = invoke(shop, "render", *words)
        assert (done.returncode, "try: invoke render --ci" in done.stderr) == (2, True)


def test_render_when_nobody_can_answer_then_the_hint_is_a_command_that_works(shop: Path) -> None:
    """The question is not asked again."""
    done = invoke(shop, "render")
    assert done.returncode == 2
    assert "  try: invoke render --yes\n" in done.stderr
    assert invoke(shop, "render", "--yes").returncode == 0


def test_teardown_when_nobody_can_answer_then_needs_yes(shop: Path) -> None:
    """It names the flag; its plan says what it would do, with exit code 2."""
    assert invoke(shop, "teardown", "--plan").returncode == 0
    assert invoke(shop, "render", "--yes").returncode == 0
    plan = invoke(shop, "teardown", "--plan")
    assert plan.returncode == 2
    assert "- .envrc\n" in plan.stdout
    assert "/direnv/allow/" in plan.stdout
    done = invoke(shop, "teardown")
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert "- .envrc\n" in done.stderr
    assert (shop / ".envrc").exists()
    assert invoke(shop, "teardown", "--yes").returncode == 0
    assert not (shop / ".envrc").exists()


def test_doctor_when_asked_as_json_then_exits_1_with_a_problem(shop: Path) -> None:
    """Every check has an id, a level, a line and a fix."""
    done = invoke(shop, "doctor", "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert {"id", "level", "detail", "fix"} == set(report["checks"][0])
    assert all(row["fix"] for row in report["checks"] if row["level"] == "problem")


def test_render_when_there_is_no_terminal_then_has_no_colour(shop: Path) -> None:
    """No escape sequence in a log."""
    done = invoke(shop, "render", "--yes")
    assert "\x1b" not in done.stdout + done.stderr


def test_doctor_when_a_picture_is_asked_then_shows_the_same_without_remote_fonts(shop: Path) -> None:
    """The SVG is what was printed, and asks no other host for anything."""
    picture = shop / "doctor.svg"
    done = invoke(shop, "doctor", "--picture", str(picture))
    first = next(word for word in done.stdout.split() if "-" in word)
    assert first in picture.read_text()
    assert "url(" + "http" not in picture.read_text()
