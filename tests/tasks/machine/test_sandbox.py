"""`invoke sandbox [--stop] [--json]`, as a person types it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.credentials.store import recent_failure
from rolecall.project.env_file import dotenv
from rolecall.services.sandbox import sandbox as service
from rolecall.tasks.machine.sandbox import for_steps
from rolecall.workstation.steps import sandbox as sandbox_step
from rolecall.workstation.steps.step import Context, State
from support import write_env
from support.credentials import place_of

Invoke = Callable[..., "subprocess.CompletedProcess[str]"]
ACCOUNT = "# mine\nAWS_ACCESS_KEY_ID=AKIAREALREALREALREAL\nAWS_SECRET_ACCESS_KEY='re al'\nTEAM=core\n"


def test_sandbox_when_started_then_its_roles_can_be_assumed(root: Path, invoke: Invoke) -> None:
    """One command, and `assume` works against it; then `assume` of an unknown role is refused as by AWS."""
    started = invoke("sandbox")
    assumed = invoke("assume", "--role", "dev")
    refused = invoke("assume", "--role", "arn:aws:iam::111122223333:role/nope")

    assert (started.returncode, assumed.returncode, refused.returncode) == (0, 0, 1), (
        started.stderr + assumed.stderr
    )
    assert assumed.stdout.startswith("arn:aws:sts::111122223333:assumed-role/dev/")
    assert "Traceback" not in refused.stderr
    assert "nope" in refused.stderr


def test_sandbox_when_asked_as_json_then_prints_address_process_and_roles(root: Path, invoke: Invoke) -> None:
    """Data on stdout, talk on stderr, no secret on either."""
    done = invoke("sandbox", "--json")

    facts = json.loads(done.stdout)
    running = service.running(root)
    assert running
    assert {"url": running.url, "pid": running.pid, "roles": list(running.roles)} == facts
    secret = dotenv.read(root / ".env").secrets["AWS_SECRET_ACCESS_KEY"].reveal()
    assert secret not in done.stdout + done.stderr


def test_sandbox_when_running_then_says_so_and_changes_nothing(root: Path, invoke: Invoke) -> None:
    """The second time starts nothing and rewrites nothing."""
    invoke("sandbox")
    before = (root / ".env").read_bytes()

    again = invoke("sandbox")

    assert "already running" in again.stderr
    assert before == (root / ".env").read_bytes()


def test_sandbox_step_when_a_role_was_added_since_then_is_not_right_yet(root: Path, invoke: Invoke) -> None:
    """A newcomer's first act, or a pull: the sandbox must learn the new role, or it is "not trusted"."""
    invoke("sandbox")
    step = sandbox_step.step(for_steps())
    assert step.check(Context(root)).state is State.DONE
    with (root / "envrc.d/roles.toml").open("a") as file:
        file.write('[roles.new]\nrole_arn = "arn:aws:iam::111122223333:role/new"\n')
    assert "does not know new yet" in step.check(Context(root)).detail
    invoke("sandbox")
    assert step.check(Context(root)).state is State.DONE
    assert invoke("assume", "--role", "new").returncode == 0


def test_sandbox_when_stopped_then_env_has_its_account_back(root: Path, invoke: Invoke) -> None:
    """Trying the sandbox loses nothing of a real account's settings."""
    write_env(root, ACCOUNT)
    account = dotenv.read(root / ".env").plain
    invoke("sandbox")
    assert dotenv.read(root / ".env").plain["AWS_ACCESS_KEY_ID"] != account["AWS_ACCESS_KEY_ID"]

    stopped = invoke("sandbox", "--stop")

    assert stopped.returncode == 0, stopped.stderr
    assert account == dotenv.read(root / ".env").plain
    assert service.running(root) is None
    assert (root / ".env").read_text().startswith("# mine\n")
    assert "rolecall: .env is as it was before the sandbox\n" in stopped.stderr


def test_sandbox_when_stopped_where_no_env_was_then_speaks_of_no_time_before(
    root: Path, invoke: Invoke
) -> None:
    """There was no account to give back."""
    invoke("sandbox")
    stopped = invoke("sandbox", "--stop")
    says = ["the sandbox has stopped", ".env no longer names the sandbox; it sets nothing"]
    assert stopped.stderr.splitlines() == [f"rolecall: {line}" for line in says]
    assert not dotenv.read(root / ".env").plain


def test_assume_when_the_sandbox_is_down_then_names_the_command_that_starts_it(
    root: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a reboot the first `cd` says what to type, and typing it is enough: nothing is remembered."""
    invoke("sandbox")
    service.stop(root)
    monkeypatch.setenv("DIRENV_IN_ENVRC", "1")
    failed = invoke("assume")
    monkeypatch.delenv("DIRENV_IN_ENVRC")
    where = place_of(root)
    assert recent_failure.read(where, "dev")

    invoke("sandbox")

    assert recent_failure.read(where, "dev") is None
    mended = invoke("assume")

    assert (failed.returncode, mended.returncode) == (1, 0), mended.stderr
    assert "invoke sandbox" in failed.stderr


def test_assume_when_a_sandboxed_role_wants_mfa_then_any_code_will_do(root: Path, invoke: Invoke) -> None:
    """`mfa = true` can be tried without an AWS account and without a device."""
    roles = root / "envrc.d/roles.toml"
    roles.write_text(roles.read_text().replace('duration = "1h"', "mfa = true"))
    assert invoke("sandbox").returncode == 0

    done = invoke("assume", "--role", "dev", "--mfa-code", "123456")

    assert (done.returncode, ":assumed-role/dev/" in done.stdout) == (0, True), done.stderr
