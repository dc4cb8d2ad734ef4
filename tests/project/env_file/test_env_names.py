"""Names that `.env` may not set: each is refused by name, and the nearest name of the identity is said."""

import pytest

from rolecall.project.env_file import env_names
from rolecall.system.text.secret import Secret

STEERING = """
    _rolecall_now _rolecall ROLECALL_ROLE ROLECALL_RENEW_AT direnv DIRENV_DIFF DIRENV_CONFIG
    PROMPT_COMMAND BASH_ENV BASH_XTRACEFD BASH_FUNC_x ENV IFS PATH HOME CDPATH LD_PRELOAD
    LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES PYTHONPATH PYTHONSTARTUP GIT_DIR GIT_SSH_COMMAND UID PPID
    SHELLOPTS PS1 PS4 ZDOTDIR XDG_CONFIG_HOME XDG_DATA_HOME path options functions fish_function_path
    OPENSSL_CONF GCONV_PATH POSIXLY_CORRECT AWS_ACCOUNT_ID AWS_CREDENTIAL_EXPIRATION EPOCHSECONDS FPATH
    NULLCMD TMOUT
"""
FREE = """
    HTTPS_PROXY https_proxy NO_PROXY AWS_CA_BUNDLE AWS_CONFIG_FILE AWS_ENDPOINT_URL AWS_ENDPOINT_URL_S3
    AWS_REGION AWS_DEFAULT_REGION AWS_DEFAULT_OUTPUT AWS_MFA_SERIAL AWS_ROLE_SESSION_NAME
    AWS_S3_ACCESS_KEY_ID ROLE_ARN REGION_NAME NODE_OPTIONS JAVA_TOOL_OPTIONS EDITOR LANG LC_ALL TZ
    TMPDIR MAIL_HOST PROMPT_TEMPLATE version DATABASE_URL line value state count
"""
NEAR = {
    "AWS_SECRET_ACCES_KEY": "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_ACCESSKEY": "AWS_SECRET_ACCESS_KEY",
    "WS_SECRET_ACCESS_KEY": "AWS_SECRET_ACCESS_KEY",
    "AWS_ACCESS_KEYID": "AWS_ACCESS_KEY_ID",
    "AWS_ACCESS_KEY": "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_KEY": "AWS_SECRET_ACCESS_KEY",
    "AWS_SESION_TOKEN": "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN": "AWS_SESSION_TOKEN",
    "AWS_PROFIL": "AWS_PROFILE",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_ACCESS_KEY_PROD": "AWS_SECRET_ACCESS_KEY",
    "OLD_AWS_ACCESS_KEY_ID": "AWS_ACCESS_KEY_ID",
}


@pytest.mark.parametrize("name", STEERING.split())
def test_refused_when_a_name_steers_then_says_what(name: str) -> None:
    """The shell, the loader, Python, git, direnv, or rolecall."""
    assert env_names.refused({name: "x"})[name].startswith("it ")


@pytest.mark.parametrize("name", FREE.split())
def test_refused_when_a_name_only_adds_then_it_is_free(name: str) -> None:
    """An app's settings, and where the person's own requests go."""
    assert env_names.refused({name: "x"}) == {}


@pytest.mark.parametrize(("name", "meant"), NEAR.items())
def test_refused_when_a_name_is_nearly_the_identitys_then_says_which(name: str, meant: str) -> None:
    """A typo must not carry a secret into the shell."""
    assert env_names.refused({name: "x"}) == {name: f"it is nearly {meant}"}


def test_refused_when_a_value_is_a_long_lived_key_then_whatever_its_name() -> None:
    """A key id under an app's name, and a secret by way of ${AWS_SECRET_ACCESS_KEY}."""
    secret = Secret("zYxWvUtSrQpOnMlKjIhGfEdCbA9876543210zYxW")
    values = {"COPY": f"x{secret.reveal()}", "KEY": "AKIAIOSFODNN7EXAMPLE", "OK": "A"}
    found = env_names.refused(values, {"AWS_SECRET_ACCESS_KEY": secret})
    assert found == dict.fromkeys(("COPY", "KEY"), "it holds a long-lived key")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("x" * (128 * 1024 - 3), ""),
        ("x" * (128 * 1024 - 2), "it is too long for an environment"),
        ("é" * (64 * 1024 - 1), "it is too long for an environment"),
        ("s" * 16, "it holds a long-lived key"),
        ("s" * 15, ""),
        ("t" * 15, ""),
        ("AKIA" + "A" * 15, ""),
        ("AKIA" + "A" * 17, ""),
        ("AKIA" + "a" * 16, ""),
        ("AKIA" + "-" * 16, ""),
        ("BKIA" + "A" * 16, ""),
    ],
)
def test_refused_when_a_value_is_at_the_bound_then_one_more_is_too_much(value: str, why: str) -> None:
    """What execve(2) takes with the name; a secret of less than 16 letters is none to look for."""
    secrets = {"AWS_SECRET_ACCESS_KEY": Secret("s" * 16), "AWS_SESSION_TOKEN": Secret("t" * 15)}
    assert env_names.refused({"A": value}, secrets).get("A", "") == why


def test_is_identity_when_it_says_who_assumes_then_never_reaches_a_shell() -> None:
    """The keys, the profile, and the entry of the keyring."""
    own = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"]
    own += ["AWS_DEFAULT_PROFILE", "ROLECALL_KEYRING"]
    assert all(map(env_names.is_identity, own))
    assert not env_names.is_identity("AWS_REGION")
    assert env_names.refused(dict.fromkeys(own, "x")) == {}
    assert tuple(own[:3]) == env_names.KEYS
    assert tuple(own[1:3]) == env_names.SECRETS


def test_refused_when_no_environment_can_hold_it_then_says_so() -> None:
    """A name that no shell can export, and a value that keeps every program from starting."""
    found = env_names.refused({"A-B": "x", "É": "x", "BIG": "x" * (128 * 1024), "NEARLY": "x" * 100_000})
    assert found == {
        "A-B": "a shell cannot have a variable of that name",
        "É": "a shell cannot have a variable of that name",
        "BIG": "it is too long for an environment",
    }


def test_lines_when_many_are_refused_then_one_for_each_reason() -> None:
    """Nothing that steers a terminal is in them."""
    lines = env_names.lines(env_names.refused({"PATH": "x", "IFS": "x", "PYTHONPATH": "x", "A\x1b[2J": "x"}))
    assert lines == [
        "PATH, IFS in .env are not set: each steers the shell",
        "PYTHONPATH in .env is not set: it steers Python",
        "'A\\x1b[2J' in .env is not set: a shell cannot have a variable of that name",
    ]
