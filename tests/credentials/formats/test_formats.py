"""Each format of `assume --format`, read back by the program it is for."""

import configparser
import io
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from rolecall.credentials import variables
from rolecall.credentials.formats.table import FORMATS
from rolecall.errors import ConfigError
from support.credentials import SESSION

ODD = "https://h:1/a b'c\"d\\e$HOME`id`(x)%PATH%#é"
MORE = {"AWS_ENDPOINT_URL": "http://127.0.0.1:5000", "AWS_X_ODD": ODD}
NO_QUOTES = {"AWS_X_ODD": 'https://h:1/a b"c\\e$HOME(x)%PATH%#é'}  # what every form of .env can hold
EXPECTED = variables.environment(SESSION)
SHOW = "python3 -c 'import json, os; print(json.dumps(dict(os.environ)))'"
SCRIPTS = {
    "bash": f'eval "$(cat F)"; {SHOW}',
    "zsh": f'eval "$(cat F)"; {SHOW}',
    "fish": f"cat F | source; {SHOW}",
    "tcsh": f"eval `cat F`; {SHOW}",
    "elvish": f"eval (cat F | slurp); {SHOW}",
    "nu": f"open --raw F | from json | load-env; {SHOW.replace('python3', '^python3')}",
    "pwsh": f"Get-Content -Raw F | Invoke-Expression; {SHOW}",
}


def printed(name: str, more: Mapping[str, str] = MORE) -> str:
    return FORMATS[name](SESSION, more)


@pytest.mark.parametrize("shell", [pytest.param(name, marks=pytest.mark.client(name)) for name in SCRIPTS])
def test_shell_format_when_the_shell_evaluates_it_then_its_programs_hold_the_role(
    shell: str, tmp_path: Path, home: Path
) -> None:
    """Odd values arrive as they are, nothing of them runs, and no profile stands beside the keys."""
    (tmp_path / "F").write_text(printed(shell))
    environ = {**os.environ, "AWS_PROFILE": "other", "AWS_DEFAULT_PROFILE": "other"}
    words = {"tcsh": ["-f", "-c"], "zsh": ["-f", "-c"]}.get(shell, ["-c"])
    done = subprocess.run(
        [shutil.which(shell) or shell, *words, SCRIPTS[shell]],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    held = json.loads(done.stdout)
    assert {name: held.get(name) for name in {**MORE, **EXPECTED}} == {**MORE, **EXPECTED}
    assert not {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"} & held.keys()


@pytest.mark.parametrize(("shell", "value"), [("tcsh", "a!b"), ("cmd", 'a"b')])
def test_shell_format_when_a_value_cannot_be_quoted_there_then_it_is_refused_by_name(
    shell: str, value: str
) -> None:
    """A value that the shell would take apart is an error, not another value."""
    with pytest.raises(ConfigError, match=r"AWS_X of \.env"):
        printed(shell, {"AWS_X": value})


def test_cmd_when_a_value_has_percent_signs_then_they_stand_twice() -> None:
    """A batch file takes one of two percent signs."""
    assert 'set "AWS_X=a%%PATH%%b"\n' in printed("cmd", {"AWS_X": "a%PATH%b"})


def test_env_when_read_by_python_dotenv_then_the_values_are_the_same() -> None:
    """A dotenv file may hold what a shell would expand."""
    from dotenv import dotenv_values

    read = dotenv_values(stream=io.StringIO(printed("env", NO_QUOTES)), interpolate=True)
    assert read == {**NO_QUOTES, **EXPECTED}


@pytest.mark.client("docker")
def test_docker_when_its_client_reads_the_file_then_it_finds_no_mistake(tmp_path: Path, home: Path) -> None:
    """Docker's client reads the file before it looks for an engine, and there is none at this address."""
    (tmp_path / "F").write_text(printed("docker"))
    words = ["docker", "-H", "tcp://127.0.0.1:9", "run", "--env-file", str(tmp_path / "F"), "image"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert "poorly formatted" not in done.stderr
    assert "daemon" in done.stderr


def test_docker_when_a_value_has_quotes_and_spaces_then_it_stands_as_it_is() -> None:
    """Docker takes everything behind the equals sign for the value, quotes included."""
    lines = dict(line.split("=", 1) for line in printed("docker").splitlines())
    assert lines == {**MORE, **EXPECTED}


def test_systemd_when_a_value_has_odd_characters_then_each_is_escaped() -> None:
    """systemd.exec(5): in double quotes, a backslash escapes a quote, a backslash, a backquote, a dollar."""
    text = printed("systemd")
    assert 'AWS_X_ODD="https://h:1/a b\'c\\"d\\\\e\\$HOME\\`id\\`(x)%PATH%#é"\n' in text
    assert f"AWS_ACCESS_KEY_ID={SESSION.key_id}\n" in text


def test_credentials_when_botocore_reads_the_file_then_the_profile_is_the_role(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The section is a profile of the AWS credentials file."""
    import botocore.session

    (tmp_path / "credentials").write_text(printed("credentials"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    found = botocore.session.Session(profile="dev").get_credentials()
    assert found is not None
    assert tuple(found.get_frozen_credentials()) == (
        SESSION.key_id,
        SESSION.secret.reveal(),
        SESSION.token.reveal(),
        None,
    )
    parser = configparser.ConfigParser()
    parser.read(tmp_path / "credentials")
    assert parser["dev"]["region"] == "eu-west-1"


def test_process_when_botocore_calls_it_then_it_gets_the_session(tmp_path: Path) -> None:
    """The document is what `credential_process` must print."""
    import botocore.session

    (tmp_path / "reply").write_text(printed("process"))
    (tmp_path / "config").write_text(f"[profile x]\ncredential_process = cat {tmp_path}/reply\n")
    session = botocore.session.Session(profile="x")
    session.set_config_variable("config_file", str(tmp_path / "config"))
    found = session.get_credentials()
    assert found is not None
    assert found.get_frozen_credentials().secret_key == SESSION.secret.reveal()


def test_json_when_read_then_it_is_what_sts_answers() -> None:
    """A script that reads `aws sts assume-role` reads this too."""
    answer = json.loads(printed("json"))
    assert answer["Credentials"]["SessionToken"] == SESSION.token.reveal()
    assert answer["AssumedRoleUser"]["Arn"] == SESSION.assumed_arn
