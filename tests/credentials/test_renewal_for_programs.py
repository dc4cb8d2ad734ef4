"""No program is handed a session that dies in its hands: credential_process, exec, assume and the SDK."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import rolecall
from rolecall.credentials.model import Session
from rolecall.credentials.store import cache, recent_failure
from rolecall.errors import CredentialError
from rolecall.system.python import frozen
from support import ROLES_TOML, Sts, write_env
from support.credentials import place_of
from support.sts_gate import Gate, gate_before

MINUTE = 60
HAND_OUT = "import os; print(os.environ['AWS_CREDENTIAL_EXPIRATION'])"


@pytest.fixture
def gate(sts: Sts, project: Path) -> Iterator[Gate]:
    """Put a counting gate between the project and STS; give the project its tasks."""
    (project / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    with gate_before(sts.url) as server:
        write_env(project, replace(sts, url=server.url).env_file())
        yield server


def age(root: Path, *, seconds_left: int, lifetime: int = 60 * MINUTE) -> Session:
    """Let time pass until dev's session of `lifetime` has `seconds_left`; return it."""
    rolecall.frozen_credentials("dev", root=root)
    where = place_of(root)
    entry = cache.read(where, "dev")
    assert entry
    expires = int(time.time()) + seconds_left
    renew_at = expires - min(15 * MINUTE, lifetime // 4)
    aged = frozen.replace(entry.session, expires=expires, renew_at=renew_at, issued=expires - lifetime)
    cache.publish(where, frozen.replace(entry, session=aged))
    return aged


def age_failure(root: Path, *, seconds: int) -> None:
    """Let time pass since the failure that is remembered."""
    path = Path(recent_failure.path_of(place_of(root), "dev"))
    earlier = re.compile(r"(?m)^(until|at)=(\d+)")
    path.write_text(earlier.sub(lambda found: f"{found[1]}={int(found[2]) - seconds}", path.read_text()))


def run(root: Path, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=root,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,
        check=False,
    )


def process(root: Path) -> dict[str, str]:
    done = run(root, "rolecall", "credential-process", "dev", str(root))
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("minutes", [15, 14, 9, 3])
def test_credential_process_when_an_sdk_would_soon_ask_again_then_renews_before_it_answers(
    project: Path, gate: Gate, minutes: int
) -> None:
    """What it hands out is good beyond the 15 minutes from which botocore asks again at each call."""
    old = age(project, seconds_left=minutes * MINUTE)
    answer = process(project)
    assert (answer["AccessKeyId"] != old.key_id, gate.assumed) == (True, 2)
    process(project)
    assert gate.assumed == 2


def test_credential_process_when_there_is_time_enough_then_asks_nobody(project: Path, gate: Gate) -> None:
    """Seventeen minutes are beyond every SDK's own window."""
    old = age(project, seconds_left=17 * MINUTE)
    assert (process(project)["AccessKeyId"], gate.assumed) == (old.key_id, 1)


def test_credential_process_when_sessions_are_short_then_not_renewed_at_each_call(
    project: Path, gate: Gate
) -> None:
    """A session of 15 minutes never has more left: half of its life is enough."""
    (project / "envrc.d/roles.toml").write_text(ROLES_TOML.replace('"1h"', '"15m"'))
    age(project, seconds_left=8 * MINUTE, lifetime=15 * MINUTE)
    process(project)
    assert gate.assumed == 1


def test_api_loop_when_the_session_is_old_then_one_process_serves_it(
    project: Path, gate: Gate, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """boto3 through a profile asks once, not before each of its calls."""
    age(project, seconds_left=14 * MINUTE)
    log = home / "starts"
    script = home / "process"
    script.write_text(
        f"#!/bin/sh\necho start >>'{log}'\n"
        f"exec '{sys.executable}' -m rolecall credential-process dev '{project}'\n"
    )
    script.chmod(0o755)
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(
        f"[profile shop]\nregion = eu-west-1\ncredential_process = {script}\nendpoint_url = {gate.url}\n"
    )
    monkeypatch.setenv("AWS_PROFILE", "shop")
    import boto3

    client = boto3.Session(profile_name="shop").client("sts")
    for _ in range(5):
        client.get_caller_identity()
    assert log.read_text() == "start\n"


def test_credential_process_when_renewal_fails_then_hands_out_what_is_valid_and_tries_once(
    project: Path, gate: Gate
) -> None:
    """STS is away: the old session is still good, and the next process does not ask at all."""
    old = age(project, seconds_left=3 * MINUTE)
    gate.mode = "403"
    assert process(project)["AccessKeyId"] == old.key_id
    asked = gate.requests
    age_failure(project, seconds=20)
    assert process(project)["AccessKeyId"] == old.key_id
    assert (gate.requests, asked) == (2, 2)


def test_credential_process_when_sts_is_silent_then_waits_a_few_seconds_and_once(
    project: Path, gate: Gate
) -> None:
    """A silent STS costs one call four seconds, and the next ones nothing."""
    age(project, seconds_left=3 * MINUTE)
    gate.mode = "hang"
    began = time.monotonic()
    process(project)
    first = time.monotonic() - began
    process(project)
    assert first < 8
    assert gate.requests == 2


def test_sdk_when_sts_is_away_in_its_window_then_asks_once_in_half_a_minute(
    project: Path, gate: Gate
) -> None:
    """A client's calls do not each wait for an STS that was just found to be away."""
    old = age(project, seconds_left=3 * MINUTE)
    session = rolecall.session("dev", root=project)
    gate.mode = "403"
    keys = [session.get_credentials().get_frozen_credentials().access_key]
    age_failure(project, seconds=20)
    keys += [session.get_credentials().get_frozen_credentials().access_key for _ in range(2)]
    assert (keys, gate.requests) == ([old.key_id] * 3, 2)
    assert recent_failure.read(place_of(project), "dev")


def test_frozen_credentials_when_old_then_renewed(project: Path, gate: Gate) -> None:
    """Fixed values are used for a while: they begin with a session that is not about to end."""
    old = age(project, seconds_left=5 * MINUTE)
    assert rolecall.frozen_credentials("dev", root=project).key_id != old.key_id


@pytest.mark.parametrize("task", ["exec", "assume"])
def test_task_when_the_session_is_old_then_renews(project: Path, gate: Gate, task: str) -> None:
    """A command that runs for minutes, and a shell that evaluates the output, start with a fresh one."""
    age(project, seconds_left=5 * MINUTE)
    words = ("exec", "--", "true") if task == "exec" else ("assume", "--format", "env")
    assert run(project, "invoke", *words).returncode == 0
    assert gate.assumed == 2


def test_exec_when_renewal_fails_then_runs_with_the_valid_one_and_says_so(project: Path, gate: Gate) -> None:
    """A command is not refused for want of an STS that it may never need."""
    old = age(project, seconds_left=5 * MINUTE)
    gate.mode = "403"
    done = run(project, "invoke", "exec", "--", "printenv", "AWS_ACCESS_KEY_ID")
    assert done.stdout == f"{old.key_id}\n"
    assert "could not be renewed" in done.stderr
    run(project, "invoke", "exec", "--", "true")
    assert gate.requests == 2


def test_min_ttl_when_no_session_can_last_so_long_then_says_the_longest_and_asks_nobody(
    project: Path, gate: Gate
) -> None:
    """Two hours of a role of one: said before STS is asked, with the longest that can be."""
    done = run(project, "invoke", "assume", "--min-ttl", "2h")
    assert (done.returncode, gate.requests) == (1, 0)
    assert "dev lasts 1h" in done.stderr
    assert "--min-ttl 59m" in done.stderr


def test_min_ttl_when_sts_gives_less_than_declared_then_asked_once(project: Path, gate: Gate) -> None:
    """A role declared for 8 hours that comes for one: known from the first session on."""
    (project / "envrc.d/roles.toml").write_text(ROLES_TOML.replace('"1h"', '"8h"'))
    age(project, seconds_left=59 * MINUTE)
    asked = gate.assumed
    done = run(project, "invoke", "assume", "--min-ttl", "2h")
    assert (done.returncode, gate.assumed) == (1, asked)
    assert "--min-ttl 59m" in done.stderr


def test_min_ttl_when_renewal_fails_then_the_old_one_will_not_do(project: Path, gate: Gate) -> None:
    """Whoever asks for 45 minutes is not handed five."""
    age(project, seconds_left=5 * MINUTE)
    gate.mode = "403"
    done = run(project, "invoke", "assume", "--min-ttl", "45m", "--format", "env")
    assert (done.returncode, done.stdout) == (1, "")


def test_credential_process_when_nothing_valid_is_left_then_fails_with_the_reason(
    project: Path, gate: Gate
) -> None:
    """Without a session to fall back on the failure is told."""
    gate.mode = "403"
    with pytest.raises(CredentialError):
        rolecall.frozen_credentials("dev", root=project)
