"""What a cold `cd` loads, by name: every module costs, and a heavy one costs more than Python's own start."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.credentials import place_of

MAIN = Path(__file__).resolve().parents[1] / "src/rolecall/__main__.py"
PYTHON = getattr(sys, "_base_executable", sys.executable)
STANDARD = {
    *("os", "stat", "_stat", "genericpath", "posixpath", "_collections_abc"),  # Python's own start
    *("hashlib", "_hashlib", "_blake2"),  # the project's key, the fingerprint, the signature
    *("datetime", "_datetime", "math", "operator", "_operator"),  # the answer's expiration, as in botocore
    *("fcntl", "_socket", "pyexpat", "errno", "select"),  # the lock, the connection, the answer
}
OURS = {
    "credentials": "attempt broker fetch fingerprint model on_cd protection",
    "credentials.aws": "config_settings endpoint environment sts",
    "credentials.aws.query": "answer client errors form retry signature xml",
    "credentials.aws.https": "http_answer http_post proxy url wire",
    "credentials.failures": "about explained",
    "credentials.identity": "keys sources",
    "credentials.store": "audit cache choice held locked recent_failure session_file",
    "project": "config declared roles snapshot",
    "project.env_file": "dotenv env_names own_exports",
    "project.roles_toml": "role_lines",
    "system": "clock command",
    "system.disk": "files locks paths place",
    "system.person": "person terminal",
    "system.programs": "direnv",
    "project.approved": "approval_file changes record request_routes",
    "system.python": "frozen site_packages",
    "system.text": "frames secret",
}


def loaded(root: Path, *words: str) -> set[str]:
    """Return the modules that the machines' door loads for `words`, as `.envrc` starts it."""
    done = subprocess.run(
        [PYTHON, "-I", "-S", "-X", "importtime", str(MAIN), *words, str(root)],
        env={**os.environ, "LOGNAME": "ann"},
        capture_output=True,
        text=True,
        check=True,
    )
    start = subprocess.run(
        [PYTHON, "-I", "-S", "-X", "importtime", "-c", "pass"], capture_output=True, text=True, check=True
    )
    return names(done.stderr) - names(start.stderr)


def names(log: str) -> set[str]:
    """Return the modules in the log of `-X importtime`."""
    return set(re.findall(r"(?m)^import time:.*\| +([\w.]+)$", log)) - {"package"}


@pytest.fixture
def known(project: Path) -> Path:
    """Return a project whose snapshot is true, and that has no session."""
    loaded_first = subprocess.run(
        [sys.executable, "-m", "rolecall", "assume", str(project)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert loaded_first.returncode == 0, loaded_first.stderr
    Path(place_of(project).folder, "dev.env").unlink()
    return project


def test_assume_when_cold_then_loads_these_modules_and_no_other(known: Path) -> None:
    """A new name here is a decision: what does it cost, and can it wait until something fails?"""
    ours = {f"rolecall.{room}.{name}" for room, list_ in OURS.items() for name in list_.split()}
    rooms = {".".join(f"rolecall.{room}".split(".")[:depth]) for room in OURS for depth in (2, 3, 4)}
    found = loaded(known, "assume")
    assert found - STANDARD - ours - rooms - {"rolecall.errors"} == set()
    assert ours - found == set(), "the list names what is not loaded any more"
    assert Path(place_of(known).folder, "dev.env").exists()


def test_assume_when_the_environment_has_the_keys_then_no_sdk_is_loaded(
    known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in CI, where a step before has exported them: one module more, which reads the default profile."""
    env = known / ".env"
    lines = env.read_text().splitlines(keepends=True)
    for line in lines:
        name, _, value = line.strip().partition("=")
        if name in {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}:
            monkeypatch.setenv(name, value)
    env.write_text("".join(line for line in lines if "_KEY" not in line))
    loaded(known, "assume")
    Path(place_of(known).folder, "dev.env").unlink(missing_ok=True)
    for path in Path(place_of(known).folder).glob("dev*.env"):
        path.unlink()
    assert not {name for name in loaded(known, "assume") if name.partition(".")[0] in {"boto3", "botocore"}}
    assert list(Path(place_of(known).folder).glob("dev*.env"))


def test_credential_process_when_warm_then_loads_next_to_nothing(known: Path) -> None:
    """An SDK waits for this process: the store and the snapshot, and neither a parser nor a client."""
    loaded(known, "assume")
    found = loaded(known, "credential-process", "dev")
    allowed = ("rolecall.system.", "rolecall.project.", "rolecall.credentials.store")
    beyond = {name for name in found - STANDARD if not name.startswith(allowed)}
    assert beyond <= {"rolecall.errors", "rolecall.system", "rolecall.project", "rolecall.credentials"}
