"""Doctor says how `.envrc` loads the role, and what would be left out or leaked."""

from pathlib import Path

import pytest

from rolecall.workstation.doctor import envrc, report
from rolecall.workstation.doctor.symptom import Level
from rolecall.workstation.envrc import render, use_line
from rolecall.workstation.steps.step import Context

KEYS = "AWS_ACCESS_KEY_ID=AKIAX\nAWS_SECRET_ACCESS_KEY=s\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "rendered from envrc.d/"),
        (f"{use_line.LINE}\n", "runs ~/.local/share/rolecall/session.sh"),
        ("export A=1\n", "does not load a role"),
    ],
)
def test_look_when_there_is_an_envrc_then_always_says_which_way_it_takes(
    tmp_path: Path, text: str, said: str
) -> None:
    """The one line is shown also where everything is right, and counts as no check."""
    (tmp_path / ".envrc").write_text(text or render.envrc(tmp_path))
    found = list(envrc.look(Context(tmp_path)))
    shown = report.as_lines(found)
    assert said in shown[0][1]
    assert shown[-1][1] == f"all {len(found) - 1} checks are fine"


def test_look_when_a_fragment_is_not_run_then_notes_it(tmp_path: Path) -> None:
    """`use rolecall` runs nothing of the project."""
    (tmp_path / "envrc.d").mkdir()
    (tmp_path / "envrc.d/60-own.sh").write_text("export A=1\n")
    (tmp_path / ".envrc").write_text(f"{use_line.LINE}\n")
    (noted,) = [found for found in envrc.look(Context(tmp_path)) if found.level is Level.NOTE]
    assert "envrc.d/60-own.sh" in noted.detail


@pytest.mark.parametrize(
    ("text", "env", "is_problem"),
    [
        (f"{use_line.LINE}\ndotenv\n", KEYS, True),
        (f"{use_line.LINE}\n  dotenv_if_exists .env\n", KEYS, True),
        (f"{use_line.LINE}\nset -a; . ./.env\n", KEYS, True),
        (f"dotenv\n{use_line.LINE}\n", KEYS, False),
        (f"{use_line.LINE}\ndotenv\n", "A=1\n", False),
        (f"{use_line.LINE}\n# dotenv\nsource .envrc.local\n", KEYS, False),
    ],
)
def test_look_when_a_line_below_loads_keys_then_is_a_problem(
    tmp_path: Path, *, text: str, env: str, is_problem: bool
) -> None:
    """Above it, they are taken back; below it, they would stay."""
    (tmp_path / ".envrc").write_text(text)
    (tmp_path / ".env").write_text(env)
    levels = {found.id: found.level for found in envrc.look(Context(tmp_path))}
    assert (levels["envrc-dotenv"] is Level.PROBLEM) is is_problem
