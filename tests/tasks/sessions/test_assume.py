"""The task `assume`, run as a person types it, against a real STS on loopback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rolecall.system.disk import paths
from support import Sts, write_env
from support.invoked import invoke
from support.sts_gate import gate_before


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
        ["--list", "--list-format", "bad"],
        ["--list", "no-such-collection"],
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
