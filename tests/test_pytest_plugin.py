"""The plugin in a project of its own: who the fixtures are, what they say, and how they fail."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support import Sts, write_env

Pytest = Callable[..., "subprocess.CompletedProcess[str]"]

TESTS = """\
def test_role(assume_role_session):
    print("role", assume_role_session.client("sts").get_caller_identity()["Arn"])

def test_user(aws_user_session):
    print("user", aws_user_session.client("sts").get_caller_identity()["Arn"])
"""


@pytest.fixture
def run_pytest(project: Path) -> Pytest:
    """Return a function that runs pytest in the project, with more environment where a test gives it."""
    (project / "test_it.py").write_text(TESTS)
    (project / "pytest.ini").write_text("[pytest]\n")

    def run(*words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        argv = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-s",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:randomly",
            *words,
        ]
        return subprocess.run(
            argv,
            cwd=project,
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_fixtures_without_setup_are_role_and_identity(run_pytest: Pytest) -> None:
    """Any project has the two fixtures, and nothing to import."""
    done = run_pytest()

    assert done.returncode == 0, done.stdout
    assert "role arn:aws:sts::111122223333:assumed-role/dev/" in done.stdout
    assert "user arn:aws:iam::123456789012:user/developer" in done.stdout


def test_user_session_when_shell_holds_a_role_is_the_identity(run_pytest: Pytest) -> None:
    """What `.envrc` exported is not the source: neither its keys nor its token."""
    held = {
        "AWS_ACCESS_KEY_ID": "ASIAHELDHELDHELDHELD",
        "AWS_SECRET_ACCESS_KEY": "held",
        "AWS_SESSION_TOKEN": "held",
        "ROLECALL_ROLE": "dev",
        "ROLECALL_RENEW_AT": "1",
    }

    done = run_pytest(**held)

    assert done.returncode == 0, done.stdout
    assert "user arn:aws:iam::123456789012:user/developer" in done.stdout


@pytest.mark.parametrize("way", ["option", "ini", "environment"])
def test_role_session_when_role_is_chosen_is_that_role(run_pytest: Pytest, project: Path, way: str) -> None:
    """`--rolecall-role`, the ini key, or ROLECALL_ROLE choose the role."""
    if way == "ini":
        (project / "pytest.ini").write_text("[pytest]\nrolecall_role = prod\n")
    words = ["--rolecall-role", "prod"] if way == "option" else []

    done = run_pytest(*words, **({"ROLECALL_ROLE": "prod"} if way == "environment" else {}))

    assert "role arn:aws:sts::444455556666:assumed-role/prod/" in done.stdout


def test_role_session_logs_who_it_is_and_no_secret(run_pytest: Pytest, sts: Sts) -> None:
    """At INFO: ARN, account, time left."""
    done = run_pytest("--log-cli-level=INFO", "-k", "role")

    assert re.search(
        r"INFO .*role dev: arn:aws:sts::111122223333:assumed-role/dev/\S+ in account \d{12}, 1h00m left",
        done.stdout,
    )
    assert sts.secret not in done.stdout
    assert "ASIA" not in done.stdout


@pytest.mark.parametrize("trouble", ["no identity", "unknown role", "sts down"])
def test_fixture_when_there_is_trouble_fails_in_one_line(
    run_pytest: Pytest, project: Path, trouble: str
) -> None:
    """What failed and the command that fixes it; no traceback of ours."""
    words = ["-k", "role"]
    if trouble == "no identity":
        write_env(project, "AWS_REGION=eu-west-1\n")
    if trouble == "unknown role":
        words += ["--rolecall-role", "dve"]
    if trouble == "sts down":
        text = (project / ".env").read_text()
        write_env(project, re.sub(r"ENDPOINT_URL=.*", "ENDPOINT_URL=http://127.0.0.1:9", text))

    done = run_pytest(*words)

    said = [line for line in done.stdout.splitlines() if line.startswith("rolecall: ")]
    assert (done.returncode, len(said)) == (1, 1), done.stdout
    assert "invoke" in said[0]
    assert "Traceback" not in done.stdout
    assert "site-packages" not in done.stdout


def test_plugin_when_no_fixture_is_used_imports_nothing_heavy(project: Path) -> None:
    """A project that has rolecall installed does not pay for it in every collection."""
    (project / "test_none.py").write_text(
        "import sys\n"
        "def test_none():\n"
        "    heavy = ('boto3', 'botocore', 'dotenv', 'jinja2', 'moto', 'rich', 'invoke', 'rolecall.sdk')\n"
        "    assert 'rolecall.pytest_plugin' in sys.modules\n"
        "    assert [name for name in heavy if name in sys.modules] == []\n"
    )

    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_none.py"]
    done = subprocess.run(argv, cwd=project, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stdout
