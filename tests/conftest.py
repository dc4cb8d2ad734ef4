"""What every test stands on: a home of its own, no network but loopback, a real STS (moto) on loopback.

The guards are themselves tested in tests/test_guards.py.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from support import ROLES_TOML, NetworkGuardError, Sts, await_http, free_port, write_env
from support.fake_aws import FakeAws

REAL_HOME = Path.home()
ROOT = Path(__file__).resolve().parents[1]
LOOPBACK = ("127.", "::1", "localhost")
# Where no locale is set, Python sets LC_CTYPE for its children (PEP 538), and fish needs it for accents.
KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TERM", "TMPDIR", "CI", "PYENV_ROOT", "VIRTUAL_ENV")
HOSTILE = {"pulled": "pulled files", "mutated": "mutated files"}
LONGEST = (
    "tests/shell/test_pulled.py",
    "tests/workstation/setup/test_run.py",
    "tests/shell/test_mutated.py",
    "tests/test_quality.py",
    "tests/bench",
)
PROGRAMS = Path(sys.prefix, "bin")
NOWHERE = "http://127.0.0.1:9"


def pytest_configure() -> None:
    """Hear Ctrl-C again where the parent ignores it (nohup, a background job), and so do our programs."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.addaudithook(refuse_the_network)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, whatever the order is: the end of the run waits for no single test."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test of a client program that this machine has not; the summary names it."""
    for mark in item.iter_markers("client"):
        if reason := missing(*mark.args):
            pytest.skip(f"the client {mark.args[0]} {reason}")


@cache
def missing(program: str) -> str:
    """Return what keeps the tests of a client program from running here, or nothing."""
    if shutil.which(program) is None:
        return "is not on this machine"
    if program != "aws":
        return ""
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    version = tuple(int(part) for part in re.findall(r"\d+", done.stdout)[:2])
    # AWS SDKs and Tools reference, "Service-specific endpoints": the first that know the variable.
    is_new = version >= (2, 13) or (1, 29) <= version < (2,)
    return "" if is_new else "is too old for AWS_ENDPOINT_URL"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the hostile cases; a test says by `record_property` how many it tried."""
    counts = Counter[str]()
    for report in terminalreporter.getreports("passed"):
        for name, number in report.user_properties:
            if name in HOSTILE:
                counts[HOSTILE[name]] += int(str(number))
    if counts:
        shown = ", ".join(f"{number} {what}" for what, number in counts.items())
        terminalreporter.write_line(f"hostile cases: {sum(counts.values())} ({shown})")


def refuse_the_network(event: str, words: tuple[Any, ...]) -> None:
    """Refuse every socket that does not stay on this machine, whichever module opens it (PEP 578)."""
    if event == "socket.connect" and isinstance(words[1], tuple):
        address = str(words[1][0])
        if not address.startswith(LOOPBACK):
            raise NetworkGuardError(f"a test tried to reach {address}")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test, and every program it starts, an empty home, and nothing of AWS or direnv."""
    folder = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name not in KEPT and not name.startswith(("PYTEST_", "COV_")):
            monkeypatch.delenv(name)
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    if "TERM" not in os.environ:  # a runner has none, and fish complains
        monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("FISH_UNIT_TESTS_RUNNING", "1")  # else fish reads every man page in each new home
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, NOWHERE)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1,localhost,::1")
    return folder


@pytest.fixture(autouse=True)
def own_programs() -> Iterator[None]:
    """Refuse a test that adds a program to the tests' own `.venv`, where every later test would find it."""
    before = PROGRAMS.stat().st_mtime_ns
    yield
    assert PROGRAMS.stat().st_mtime_ns == before, f"a test changed {PROGRAMS}"


@pytest.fixture(scope="session")
def sts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sts]:
    """Start one moto server for this worker."""
    import botocore.session

    log = tmp_path_factory.mktemp("moto") / "log"
    url = f"http://127.0.0.1:{free_port()}"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", url.rpartition(":")[2]],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        ) as server,
    ):
        try:
            await_http(f"{url}/moto-api/", server)
            iam = botocore.session.Session().create_client(
                "iam",
                region_name="eu-west-1",
                endpoint_url=url,
                aws_access_key_id="bootstrap",
                aws_secret_access_key="bootstrap",
            )
            iam.create_user(UserName="developer")
            key = iam.create_access_key(UserName="developer")["AccessKey"]
            yield Sts(url, key["AccessKeyId"], key["SecretAccessKey"])
        finally:
            server.send_signal(signal.SIGTERM)


@pytest.fixture
def project(tmp_path: Path, sts: Sts) -> Path:
    """Make a project folder with two roles and a `.env` that points at the real STS on loopback."""
    root = tmp_path / "shop"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    write_env(root, sts.env_file())
    return root


@pytest.fixture
def aws() -> Iterator[FakeAws]:
    """Start a scripted AWS on loopback."""
    with FakeAws() as server:
        yield server
