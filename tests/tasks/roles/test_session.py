"""The tasks people type, run as they type them, against a real STS on loopback."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rolecall.credentials.store import recent_failure
from rolecall.errors import CredentialError
from rolecall.system.disk import paths
from support import Sts, write_env
from support.credentials import place_of
from support.sts_gate import gate_before

PATIENCE_SECONDS = 60


@pytest.fixture
def shop(project: Path) -> Path:
    """Give the project its tasks."""
    (project / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    return project


def invoke(root: Path, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run a task without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "invoke", *words],
        cwd=root,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        start_new_session=True,
        check=False,
    )


def test_assume_when_json_is_asked_then_has_the_shape_of_the_aws_cli(shop: Path) -> None:
    """What `aws sts assume-role` prints, for the scripts that read it."""
    answer = json.loads(invoke(shop, "assume", "--role", "prod", "--format", "json").stdout)
    assert set(answer) == {"Credentials", "AssumedRoleUser"}
    assert set(answer["Credentials"]) == {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}
    assert ":assumed-role/prod/" in answer["AssumedRoleUser"]["Arn"]


@pytest.mark.parametrize(
    ("shell", "script"),
    [
        ("bash", 'eval "$(cat)"; env'),
        ("zsh", 'eval "$(cat)"; env'),
        ("fish", "source; env"),
        ("env", 'while IFS= read -r line; do export "$line"; done; env'),
    ],
)
def test_assume_when_a_shell_evaluates_it_then_holds_the_role(shop: Path, shell: str, script: str) -> None:
    """`--format` is ready for eval in each real shell."""
    printed = invoke(shop, "assume", "--format", "bash" if shell == "zsh" else shell).stdout
    words = ["bash" if shell == "env" else shell, "-c", script]
    done = subprocess.run(words, input=printed, capture_output=True, text=True, check=True)
    assert "ROLECALL_ROLE=dev" in done.stdout.splitlines()
    assert any(line.startswith("AWS_SESSION_TOKEN=") for line in done.stdout.splitlines())


@pytest.mark.parametrize("name", ["bash", "fish", "pwsh", "env"])
def test_assume_when_env_file_names_an_endpoint_then_the_format_carries_it(
    shop: Path, sts: Sts, name: str
) -> None:
    """After `eval`, an SDK would reach the real AWS with the sandbox's session."""
    printed = invoke(shop, "assume", "--format", name).stdout
    assert "AWS_ENDPOINT_URL" in printed
    assert sts.url in printed
    assert sts.secret not in printed


def test_assume_when_in_github_actions_then_masks_come_first_and_later_steps_hold_the_role(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value is hidden in the log before it can appear there; what the file had before stays."""
    path = tmp_path / "github env"
    path.write_text("OTHER=1\n")
    monkeypatch.setenv("GITHUB_ENV", str(path))
    printed = invoke(shop, "assume", "--format", "github").stdout.splitlines()
    masked = {line.removeprefix("::add-mask::") for line in printed}
    lines = dict(line.split("=", 1) for line in path.read_text().splitlines())
    assert lines["OTHER"] == "1"
    assert lines["ROLECALL_ROLE"] == "dev"
    secrets = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
    assert masked == {lines[name] for name in secrets}


def test_assume_when_outside_github_actions_then_its_format_is_refused(
    shop: Path,
) -> None:
    """Masks mean nothing in a terminal, and would show the credentials there."""
    done = invoke(shop, "assume", "--format", "github")
    assert (done.returncode, done.stdout) == (2, "")
    assert "GITHUB_ENV is not set" in done.stderr


@pytest.mark.parametrize("says", ["role dev: AWS said no", "AWS said no"])
def test_status_when_a_role_failed_then_its_name_is_said_once(shop: Path, says: str) -> None:
    """A failure mostly names its role itself."""
    where = place_of(shop)
    recent_failure.record(where, "dev", CredentialError("x", says), since=where.clock())
    assert "rolecall: role dev: AWS said no\n" in invoke(shop, "status").stderr


def test_assume_when_by_hand_then_says_who_and_until_when_and_no_secret(shop: Path) -> None:
    """Data on stdout, talk on stderr, nothing secret on either."""
    done = invoke(shop, "assume", "--role", "prod")
    assert done.stdout.startswith("arn:aws:sts::444455556666:assumed-role/prod/")
    assert "prod · 444455556666 · until" in done.stderr
    secrets = json.loads(invoke(shop, "assume", "--role", "prod", "--format", "json").stdout)["Credentials"]
    for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"):
        assert secrets[name] not in done.stdout + done.stderr


def test_assume_when_the_role_is_an_arn_then_takes_it(shop: Path) -> None:
    """`--role` takes a full ARN as the script it replaces did; a declared one keeps its name."""
    done = invoke(shop, "assume", "--role", "arn:aws:iam::123456789012:role/path/other")
    assert ":assumed-role/other/" in done.stdout
    assert "dev · " in invoke(shop, "assume", "--role", "arn:aws:iam::111122223333:role/dev").stderr


def test_assume_when_the_shell_holds_a_role_already_then_the_identity_still_assumes(
    shop: Path, sts: Sts
) -> None:
    """A role never becomes its own source, and its token never rides on the keys of `.env`."""
    held = json.loads(invoke(shop, "assume", "--format", "json").stdout)["Credentials"]
    environ = {
        "AWS_ACCESS_KEY_ID": held["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": held["SecretAccessKey"],
        "AWS_SESSION_TOKEN": held["SessionToken"],
        "ROLECALL_ROLE": "dev",
        "ROLECALL_RENEW_AT": "1",
    }
    with gate_before(sts.url) as gate:
        write_env(shop, sts.env_file(AWS_ENDPOINT_URL=gate.url))
        done = invoke(shop, "assume", "--role", "prod", **environ)
        assert done.returncode == 0
        assert gate.signers == {sts.key_id}
        assert gate.tokens == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["assume", "--role", "porod"], 1, "did you mean prod"),
        (["assume", "--format", "cobol"], 2, "unknown format"),
        (["assume", "--min-ttl", "soon"], 2, "--min-ttl soon"),
        (["exec", "--role", "dev"], 2, "no command given"),
        (["exec", "--", "no-such-program-here"], 127, "no-such-program-here"),
        (["exec", "--", "/etc/hostname"], 126, "/etc/hostname"),
    ],
)
def test_task_when_it_fails_then_has_its_exit_code_and_one_line(
    shop: Path, words: list[str], code: int, said: str
) -> None:
    """1 expected failure, 2 usage; a line that says what, a line that says what to try, no traceback."""
    done = invoke(shop, *words)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_task_when_it_meets_a_bug_then_exits_3_and_leaves_a_log_without_secrets(
    shop: Path, home: Path, sts: Sts
) -> None:
    """A bug is told in a line, with a private log to paste."""
    (shop / "tasks.py").write_text(
        "from rolecall.tasks import door, namespace\n"
        "@door.task()\n"
        "def break_(_c):\n"
        f"    raise RuntimeError('the key {sts.secret} and {sts.key_id}')\n"
        "namespace.add_task(break_, 'break')\n"
    )
    done = invoke(shop, "break")
    assert done.returncode == 3
    log = next((paths.state_dir() / "bugs").glob("*.log"))
    for text in (done.stderr, log.read_text()):
        assert sts.secret not in text
        assert sts.key_id not in text
    assert "RuntimeError" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_exec_when_it_runs_then_keeps_quoting_exit_code_and_role(shop: Path) -> None:
    """Each word arrives as it was quoted, the exit code comes back, the environment is the role's."""
    script = 'printf "%s|" "$@" "$ROLECALL_ROLE" "${AWS_PROFILE-none}"; exit 7'
    words = ("exec", "--role", "prod", "--", "bash", "-c", script, "x", "a b", "", "--flag", "$HOME", "é")
    done = invoke(shop, *words, AWS_PROFILE="mine")
    assert done.stdout == "a b||--flag|$HOME|é|prod|none|"
    assert done.returncode == 7


def test_exec_when_signalled_then_the_command_gets_the_signal(shop: Path) -> None:
    """The command takes our place: a signal to us is its own."""
    words = [
        sys.executable,
        "-m",
        "invoke",
        "exec",
        "--",
        "bash",
        "-c",
        "trap 'exit 9' TERM; echo up; read -r",
    ]
    process = subprocess.Popen(words, cwd=shop, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 9


def test_whoami_when_asked_as_json_then_tells_the_identity_and_no_secret(shop: Path, sts: Sts) -> None:
    """Without a role in the shell it is the source identity."""
    done = invoke(shop, "whoami", "--json")
    assert json.loads(done.stdout)["Arn"].endswith(":user/developer")
    assert sts.secret not in done.stdout + done.stderr


def test_status_when_asked_then_lists_every_role_with_time_left(shop: Path) -> None:
    """One row a role; the one that applies here is marked."""
    invoke(shop, "assume", "--role", "prod", "--format", "env")
    rows = {row["role"]: row for row in json.loads(invoke(shop, "status", "--json").stdout)}
    assert rows["dev"]["is_current"]
    assert rows["dev"]["seconds_left"] is None
    assert 3500 < rows["prod"]["seconds_left"] <= 3600


def test_assume_when_the_account_is_not_the_arns_then_nothing_is_kept(shop: Path, sts: Sts) -> None:
    """STS answering for another account is refused: no cache, no output."""
    with gate_before(sts.url) as gate:
        gate.rewrite = (b"111122223333", b"444455556666")
        write_env(shop, sts.env_file(AWS_ENDPOINT_URL=gate.url))
        done = invoke(shop, "assume", "--format", "env")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "account 444455556666" in done.stderr
    assert not list(paths.runtime_dir(paths.project_key(shop)).glob("*.env"))


def test_credential_process_when_warm_then_imports_next_to_nothing(shop: Path) -> None:
    """The machine's door answers an SDK without invoke, dataclasses, dotenv or botocore."""
    invoke(shop, "assume", "--format", "env")
    words = [sys.executable, "-X", "importtime", "-m", "rolecall", "credential-process", "dev", str(shop)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["Version"] == 1
    imported = {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert not imported & {
        "invoke",
        "botocore",
        "boto3",
        "dotenv",
        "jinja2",
        "rich",
        "dataclasses",
        "tomllib",
    }


@pytest.mark.parametrize(
    "words",
    [
        ["assume", "--no-such-flag"],
        ["no-such-task"],
        ["assume", "--role"],
        ["--dry", "assume"],
        ["assume", "-R"],
        ["--no-such-flag", "assume"],
        ["--help", "no-such-task"],
    ],
    ids=" ".join,
)
def test_invoke_when_the_command_line_means_nothing_then_exits_2_and_does_nothing(
    shop: Path, words: list[str]
) -> None:
    """An unknown flag or task is wrong usage; --dry cannot be kept, so nothing is done."""
    done = invoke(shop, *words)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert not list(paths.runtime_dir(paths.project_key(shop)).glob("*.env"))


@pytest.mark.parametrize("task", [["assume"], ["exec"], ["login"], ["debug"]], ids=lambda words: words[0])
def test_role_when_it_is_empty_then_wrong_usage(shop: Path, task: list[str]) -> None:
    """A script whose variable is empty must not get the default role instead."""
    done = invoke(shop, *task, "--role", "", "--", "aws")
    assert (done.returncode, "--role is empty" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize("flag", ["-r", "--search-root"])
def test_invoke_when_a_search_root_is_given_then_works_from_outside(
    shop: Path, tmp_path: Path, flag: str
) -> None:
    """`invoke --search-root P` is the project at P, wherever it is typed."""
    outside = tmp_path / "outside"
    outside.mkdir()
    done = invoke(outside, flag, str(shop), "status", "--json")
    assert done.returncode == 0, done.stderr
    assert {row["role"] for row in json.loads(done.stdout)} == {"dev", "prod"}


def test_whoami_when_the_keys_are_not_the_roles_then_reports_no_role(shop: Path) -> None:
    """ROLECALL_ROLE says dev, the keys say prod: the keys are what AWS sees."""
    held = json.loads(invoke(shop, "assume", "--role", "prod", "--format", "json").stdout)["Credentials"]
    environ = {
        "AWS_ACCESS_KEY_ID": held["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": held["SecretAccessKey"],
        "AWS_SESSION_TOKEN": held["SessionToken"],
        "AWS_CREDENTIAL_EXPIRATION": held["Expiration"],
        "ROLECALL_ROLE": "dev",
    }
    done = invoke(shop, "whoami", "--json", **environ)
    answer = json.loads(done.stdout)
    assert (answer["Account"], answer["Role"], answer["SecondsLeft"]) == ("444455556666", None, None)
    said = invoke(shop, "whoami", **environ).stderr
    assert "ROLECALL_ROLE says dev, but these keys are not of that role" in said
    own = invoke(shop, "whoami", "--json", **{**environ, "ROLECALL_ROLE": "prod"})
    assert json.loads(own.stdout)["Role"] == "prod"
    assert json.loads(own.stdout)["SecondsLeft"] > 3500


@pytest.mark.parametrize("expiry", ["soon", "2026-13-45T00:00:00Z", "123"])
def test_whoami_when_the_expiry_is_malformed_then_answers_without(shop: Path, expiry: str) -> None:
    """A variable that somebody else wrote is no bug of ours."""
    held = json.loads(invoke(shop, "assume", "--format", "json").stdout)["Credentials"]
    done = invoke(
        shop,
        "whoami",
        "--json",
        AWS_ACCESS_KEY_ID=held["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=held["SecretAccessKey"],
        AWS_SESSION_TOKEN=held["SessionToken"],
        AWS_CREDENTIAL_EXPIRATION=expiry,
        ROLECALL_ROLE="dev",
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["SecondsLeft"] is None


def test_assume_when_rolecall_role_is_set_by_hand_then_says_what_wins_and_how_to_let_go(shop: Path) -> None:
    """Nothing changes at the next prompt: that is said instead of success."""
    done = invoke(shop, "assume", "--role", "prod", ROLECALL_ROLE="dev")
    assert "ROLECALL_ROLE=dev is set in this shell and wins: unset ROLECALL_ROLE" in done.stderr


def test_default_when_recorded_then_shown_by_roles_and_let_go_by_unset(shop: Path) -> None:
    """What a command changed can be seen, and undone."""
    invoke(shop, "assume", "--role", "prod", "--default")
    rows = {row["role"]: row for row in json.loads(invoke(shop, "roles", "--json").stdout)}
    assert [rows["prod"][key] for key in ("is_default", "is_own_default", "is_current")] == [True, True, True]
    assert [rows["dev"][key] for key in ("is_default", "is_own_default", "is_current")] == [False] * 3
    assert "your default" in invoke(shop, "roles").stdout
    done = invoke(shop, "assume", "--unset", "--default")
    assert "dev applies" in done.stderr
    rows = {row["role"]: row for row in json.loads(invoke(shop, "roles", "--json").stdout)}
    assert (rows["dev"]["is_default"], rows["dev"]["is_own_default"]) == (True, False)


@pytest.mark.parametrize("task", ["roles", "status"])
def test_listing_when_printed_then_marks_this_terminals_role_and_protected_ones(
    shop: Path, task: str
) -> None:
    """`*` is the role that applies here, in each list; a protected role says so."""
    roles = shop / "envrc.d/roles.toml"
    roles.write_text(f"{roles.read_text()}protected = true\n")
    lines = invoke(shop, task, ROLECALL_ROLE="prod").stdout.splitlines()
    assert [line[:6] for line in lines] == ["  dev ", "* prod"]
    assert ["protected" in line for line in lines] == [False, True]


def test_unset_when_a_role_is_named_too_then_wrong_usage(shop: Path) -> None:
    """To take and to let go are two commands."""
    assert invoke(shop, "assume", "--unset", "--role", "dev").returncode == 2


@pytest.mark.parametrize(
    ("shell", "script"),
    [("bash", 'eval "$(cat)"; env'), ("zsh", 'eval "$(cat)"; env'), ("fish", "source; env")],
)
def test_assume_when_a_shell_evaluates_it_then_no_profile_stands_beside_it(
    shop: Path, shell: str, script: str
) -> None:
    """SDKs disagree on which wins, so the person's profile goes."""
    printed = invoke(shop, "assume", "--format", "bash" if shell == "zsh" else shell).stdout
    environ = {**os.environ, "AWS_PROFILE": "mine", "AWS_DEFAULT_PROFILE": "mine"}
    done = subprocess.run(
        [shell, "-c", script], input=printed, env=environ, capture_output=True, text=True, check=True
    )
    assert "AWS_PROFILE=" not in done.stdout
    assert "AWS_DEFAULT_PROFILE=" not in done.stdout


@pytest.mark.parametrize("name", ["PIPE", "XFSZ"])
def test_exec_when_python_ignores_a_signal_then_the_command_does_not(shop: Path, name: str) -> None:
    """`exec -- producer | head` ends: the command meets signals as in a shell."""
    done = invoke(shop, "exec", "--", "sh", "-c", f"kill -{name} $$; echo survived")
    assert done.stdout == ""
    assert done.returncode == -getattr(signal, f"SIG{name}")


def test_status_when_history_is_asked_then_lists_what_was_taken_and_no_secret(shop: Path) -> None:
    """One line for each session, oldest first; as JSON for scripts; of another project, none."""
    assert "no session has been taken" in invoke(shop, "status", "--history").stderr
    for role in ("dev", "prod", "dev"):
        invoke(shop, "assume", "--role", role)
    taken = json.loads(invoke(shop, "status", "--history", "--json").stdout)
    assert [(entry["role"], entry["account"]) for entry in taken] == [
        ("dev", "111122223333"),
        ("prod", "444455556666"),
    ]
    lines = invoke(shop, "status", "--history").stdout.splitlines()
    assert [f"…{entry['key_id']}" in line for entry, line in zip(taken, lines, strict=True)] == [True, True]
    assert "ASIA" not in "".join(lines)
