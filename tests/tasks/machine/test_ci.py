"""`setup --ci`: on a runner nobody is asked, nothing is set up, and a job that lacks something hears what."""

import sys
from pathlib import Path

import pytest

from support import ROLES_TOML, Sts, command, write_env

SETUP = [sys.executable, "-P", "-m", "rolecall", "setup", "--ci"]
OIDC = {
    "GITHUB_ACTIONS": "true",
    "ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:9/token?x=1",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "a-token",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make what a runner has: a repository, and nothing personal."""
    root = tmp_path / "shop"
    (root / ".git").mkdir(parents=True)
    (root / "envrc.d").mkdir()
    return root


def files(*folders: Path) -> set[Path]:
    return {
        path for folder in folders for path in folder.rglob("*") if path.is_file() and "run" not in path.parts
    }


def test_setup_when_on_a_runner_then_takes_the_role_and_sets_nothing_up(
    checkout: Path, home: Path, sts: Sts
) -> None:
    """No `.envrc`, no startup file, no direnv; the session's name carries the run."""
    (checkout / "envrc.d/roles.toml").write_text(ROLES_TOML)
    write_env(checkout, sts.env_file())
    before = files(checkout, home)
    done = command.run(SETUP, checkout, {"GITHUB_RUN_ID": "1234567"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith(":assumed-role/dev/github-1234567@shop")
    kept = home / ".local/state/rolecall"
    assert [path for path in files(checkout, home) - before if not path.is_relative_to(kept)] == []
    assert "exec -- COMMAND" in done.stderr


def test_setup_when_planned_on_a_runner_then_says_what_it_would_take(checkout: Path, sts: Sts) -> None:
    """And asks AWS nothing."""
    (checkout / "envrc.d/roles.toml").write_text(ROLES_TOML)
    done = command.run([*SETUP, "--plan"], checkout, OIDC)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("would take dev (arn:aws:iam::")
    assert "GitHub Actions' OIDC token" in done.stdout


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        (OIDC, "GitHub Actions' OIDC token is there, so no key is needed: set ROLE_ARN"),
        ({"GITHUB_ACTIONS": "true"}, "give the job `permissions: id-token: write`"),
        ({}, "set ROLE_ARN in the job's environment, or commit envrc.d/roles.toml"),
    ],
    ids=["oidc", "no-permission", "elsewhere"],
)
def test_setup_when_a_runner_has_no_role_then_says_what_to_set(
    checkout: Path, environ: dict[str, str], says: str
) -> None:
    """In the words of the workflow, with a command that runs."""
    done = command.run(SETUP, checkout, environ)
    assert done.returncode == 1
    assert says in done.stderr
    assert "  try: export ROLE_ARN=arn:aws:iam::111122223333:role/NAME\n" in done.stderr
