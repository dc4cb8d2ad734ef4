"""`rolecall.session()` and `rolecall.frozen_credentials()`: the shell's sessions, in a program."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import rolecall
from rolecall.credentials.model import Session
from rolecall.credentials.store import cache
from rolecall.errors import ConfigError, CredentialError, LoginNeededError
from rolecall.system.python import frozen
from support import ROLES_TOML, Sts, write_env
from support.credentials import place_of
from support.sts_gate import Gate, gate_before

DEV = "arn:aws:sts::111122223333:assumed-role/dev/"


@pytest.fixture
def gate(sts: Sts, project: Path) -> Iterator[Gate]:
    """Put a counting gate between the project and STS."""
    with gate_before(sts.url) as server:
        write_env(project, replace(sts, url=server.url).env_file())
        yield server


def age(root: Path, *, seconds_left: int, renew_in: int) -> Session:
    """Make dev's cached session as old as the test needs; return it."""
    rolecall.frozen_credentials("dev", root=root)
    where = place_of(root)
    entry = cache.read(where, "dev")
    assert entry
    now = int(time.time())
    aged = frozen.replace(entry.session, expires=now + seconds_left, renew_at=now + renew_in)
    cache.publish(where, frozen.replace(entry, session=aged))
    return aged


def test_session_holds_the_role_for_clients_and_resources(project: Path) -> None:
    """Client and resource are in the role, at the endpoint and in the region of the project."""
    session = rolecall.session("dev", root=project)

    assert session.client("sts").get_caller_identity()["Arn"].startswith(DEV)
    assert list(session.resource("ec2").security_groups.limit(1))
    assert session.region_name == "eu-west-1"


def test_session_when_region_is_given_uses_it(project: Path) -> None:
    """The caller's region wins."""
    assert (
        rolecall.session("dev", root=project, region="us-west-2").client("ec2").meta.region_name
        == "us-west-2"
    )


def test_session_when_made_twice_calls_sts_once(project: Path, gate: Gate) -> None:
    """Programs, shells and fixtures share one cache."""
    rolecall.session("dev", root=project)
    rolecall.session("dev", root=project)
    rolecall.frozen_credentials("dev", root=project)

    assert gate.assumed == 1


def test_session_when_soft_window_is_reached_renews_itself_for_everybody(project: Path, gate: Gate) -> None:
    """A client made before goes on with a new session, which is in the cache for the others."""
    old = age(project, seconds_left=150, renew_in=-1)
    session = rolecall.session("dev", root=project)
    client = session.client("sts")
    assert gate.assumed == 1

    arn = client.get_caller_identity()["Arn"]

    renewed = session.get_credentials().get_frozen_credentials().access_key
    assert arn.startswith(DEV)
    assert (gate.assumed, renewed != old.key_id) == (2, True)
    assert rolecall.frozen_credentials("dev", root=project).key_id == renewed


def test_session_when_another_process_renewed_takes_that_one(project: Path, gate: Gate) -> None:
    """Renewal looks in the cache first."""
    age(project, seconds_left=150, renew_in=-1)
    session = rolecall.session("dev", root=project)
    rolecall.session("dev", root=project).client("sts").get_caller_identity()
    assert gate.assumed == 2

    session.client("sts").get_caller_identity()

    assert gate.assumed == 2


def test_session_when_renewal_fails_in_the_soft_window_goes_on(project: Path, gate: Gate) -> None:
    """Credentials that are still good are kept while STS is away."""
    old = age(project, seconds_left=150, renew_in=-1)
    session = rolecall.session("dev", root=project)
    gate.mode = "garbage"

    assert session.get_credentials().get_frozen_credentials().access_key == old.key_id


def test_session_when_sts_is_down_says_so_without_botocore_words(project: Path) -> None:
    """The error is rolecall's, with a hint."""
    write_env(project, Sts("http://127.0.0.1:9", "AKIAIOSFODNN7EXAMPLE", "x" * 40).env_file())

    with pytest.raises(CredentialError) as failed:
        rolecall.session("dev", root=project)

    assert failed.value.hint


def test_session_when_role_is_unknown_names_the_closest(project: Path) -> None:
    """A typo shows before anything is fetched."""
    with pytest.raises(ConfigError, match="did you mean dev"):
        rolecall.session("dve", root=project)


def test_session_when_environment_points_elsewhere_follows_the_project(
    project: Path, sts: Sts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another project's endpoint, region or profile in the shell does not count, and stays as it is."""
    monkeypatch.setenv("AWS_PROFILE", "gone")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    before = dict(os.environ)

    client = rolecall.session("dev", root=project).client("sts")

    assert (client.meta.endpoint_url, client.meta.region_name) == (sts.url, "eu-west-1")
    assert client.get_caller_identity()["Arn"].startswith(DEV)
    assert before == dict(os.environ)


def test_client_when_endpoint_is_given_uses_it(project: Path, sts: Sts) -> None:
    """What the program says wins, then AWS_ENDPOINT_URL_<SERVICE> in `.env`."""
    write_env(project, sts.env_file(AWS_ENDPOINT_URL_S3="http://127.0.0.1:4"))
    session = rolecall.session("dev", root=project)

    urls = [
        session.client("sts", endpoint_url="http://127.0.0.1:3").meta.endpoint_url,
        session.client("s3").meta.endpoint_url,
    ]

    assert urls == ["http://127.0.0.1:3", "http://127.0.0.1:4"]


def test_session_when_role_is_protected_and_nobody_took_it_refuses(project: Path, gate: Gate) -> None:
    """A protected role is taken by hand only."""
    (project / "envrc.d/roles.toml").write_text(f"{ROLES_TOML}protected = true\n")

    with pytest.raises(LoginNeededError, match="by hand"):
        rolecall.session("prod", root=project)

    assert gate.assumed == 0


def test_credentials_are_frozen_values_that_show_no_secret(project: Path) -> None:
    """The values are there; the repr has none that may not be seen."""
    session = rolecall.frozen_credentials("dev", root=project)

    assert session.assumed_arn.startswith(DEV)
    parts = (session.key_id, session.secret.reveal(), session.token.reveal())
    assert not [part for part in parts if part in repr(session)]


def test_import_when_nothing_is_called_then_loads_nothing_heavy(project: Path) -> None:
    """`import rolecall` is free; a call loads what it needs."""
    script = (
        "import rolecall, sys\n"
        "heavy = [name for name in sys.modules if name.startswith(('boto', 'rolecall.'))]\n"
        "keys = rolecall.frozen_credentials('dev')\n"
        "from rolecall.credentials.model import Session\n"
        "print(heavy, isinstance(keys, Session))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=project, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.stdout == "[] True\n", done.stderr


@pytest.mark.parametrize(
    ("service", "name"),
    [
        ("logs", "CLOUDWATCH_LOGS"),
        ("stepfunctions", "SFN"),
        ("elbv2", "ELASTIC_LOAD_BALANCING_V2"),
        ("s3", "S3"),
    ],
)
def test_client_when_env_names_its_endpoint_then_by_the_sdks_own_name(
    project: Path, sts: Sts, service: str, name: str
) -> None:
    """The variable is called as the SDK calls it: by the service's id, not by the client's name."""
    write_env(project, sts.env_file(**{f"AWS_ENDPOINT_URL_{name}": "http://127.0.0.1:4"}))
    client = rolecall.session("dev", root=project).client(service)
    assert client.meta.endpoint_url == "http://127.0.0.1:4"


def test_session_when_it_is_refused_then_names_the_command_of_an_installed_rolecall(
    project: Path, tmp_path: Path
) -> None:
    """A program was called by no task; where rolecall is no checkout, the person has `rolecall`."""
    package = Path(rolecall.__file__).parent
    site = tmp_path / "site"
    shutil.copytree(package, site / "rolecall", ignore=shutil.ignore_patterns("__pycache__"))
    script = (
        "import pathlib, rolecall, sys; rolecall.frozen_credentials('nobody', root=pathlib.Path(sys.argv[1]))"
    )
    words = [sys.executable, "-c", script, str(project)]
    environ = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    said = done.stderr.splitlines()[-1]
    assert "rolecall roles" in said
    assert "invoke" not in said
