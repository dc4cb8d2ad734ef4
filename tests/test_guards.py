"""The guards of the suite are themselves tested: no real home, no network, nothing of the person's AWS."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from support import NetworkGuardError


def test_guard_when_a_test_looks_for_home_then_finds_an_empty_one(home: Path) -> None:
    """HOME is the test's own folder, for it and for what it starts."""
    import pwd

    real = Path(pwd.getpwuid(os.getuid()).pw_dir)
    told = subprocess.run(
        ["sh", "-c", "echo $HOME"], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert Path.home() == home == Path(told)
    assert home != real
    assert [path.name for path in home.iterdir()] == ["run"]


def test_guard_when_a_test_connects_outside_then_is_refused() -> None:
    """A socket that would leave the machine raises before anything is sent."""
    with socket.socket() as outside, pytest.raises(NetworkGuardError):
        outside.connect(("192.0.2.1", 443))  # TEST-NET-1, RFC 5737: nobody's


def test_guard_when_a_program_of_a_test_connects_outside_then_meets_a_dead_proxy() -> None:
    """Children inherit a proxy that nothing listens on."""
    code = "import urllib.request as u; u.urlopen('http://192.0.2.1/', timeout=20)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "refused" in done.stderr


def test_guard_when_the_person_has_credentials_then_no_test_sees_them() -> None:
    """Nothing of AWS, direnv or rolecall comes in from outside."""
    seen = [name for name in os.environ if name.startswith(("AWS_", "DIRENV_", "ROLECALL_"))]
    assert seen == ["AWS_EC2_METADATA_DISABLED"]


@pytest.mark.xdist_group("guard")
def test_guard_when_tests_are_of_one_group_then_one_worker_runs_them(request: pytest.FixtureRequest) -> None:
    """Else each worker packs the wheels for itself; pytest-xdist goes by the name of the test."""
    if request.config.getoption("loadgroup", default=False):
        assert request.node.nodeid.endswith("@guard")
