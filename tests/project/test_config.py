"""A project from its files: what the person's `.env` decides over the team's `roles.toml`, and what not."""

import subprocess
from pathlib import Path

import pytest

from rolecall.errors import ConfigError
from rolecall.project import config
from rolecall.project.declared import Project
from rolecall.project.input_files import InputFiles
from rolecall.system.disk import place
from rolecall.system.text.secret import Secret

ARN = "arn:aws:iam::111122223333:role/"
DEV = f'[roles.dev]\nrole_arn = "{ARN}dev"\nregion = "eu-west-3"\n'
PROD = f'[roles.prod]\nrole_arn = "{ARN}prod"\nprotected = true\n'
PORTAL = '[sso.corp]\nstart_url = "https://corp.example"\nregion = "eu-west-1"\n'
SERIAL = "arn:aws:iam::111122223333:mfa/team"
TEAM = f'[project]\nregion = "eu-west-1"\nprofile = "team"\nmfa_serial = "{SERIAL}"\nmfa_process = "team"\n'


def parsed(root: Path, toml: str = "", env: str = "") -> Project:
    """Return the project at `root` with these two files."""
    (root / "envrc.d").mkdir(exist_ok=True)
    (root / "envrc.d/roles.toml").write_text(toml)
    if env:
        (root / ".env").write_text(env)
    return config.parse(place.at(root, environ={"HOME": "/people/ann"}))


@pytest.mark.parametrize(
    ("toml", "env", "default"),
    [
        (DEV, "", "dev"),
        (DEV + PROD, "", None),
        ('[project]\ndefault_role = "prod"\n' + DEV + PROD, "", "prod"),
        ('[project]\ndefault_role = "prod"\n' + DEV + PROD, f"ROLE_ARN={ARN}dev\n", "dev"),
        (DEV + PROD, f"ROLE_ARN={ARN}team/other\n", "other"),
        (DEV + PROD, f"ROLE_ARN={ARN}team/dev\n", f"{ARN}team/dev"),
        (DEV, "ROLE_ARN=\n", "dev"),
        ("", "", None),
    ],
)
def test_default_role_when_named_by_team_or_person_then_the_persons_word_wins(
    tmp_path: Path, toml: str, env: str, default: str | None
) -> None:
    """ROLE_ARN is the role of the team's that has it, else one named by its last part if that is free."""
    project = parsed(tmp_path, toml, env)
    assert project.default_role == default
    if default:
        assert project.roles[default].name == default
        assert project.roles[default].role_arn.rpartition("/")[2] == default.rpartition("/")[2]


def test_role_arn_when_it_is_a_declared_roles_then_the_declaration_stays(tmp_path: Path) -> None:
    """The person's word chooses; protection belongs to the ARN, whatever its case or name."""
    project = parsed(tmp_path, DEV + PROD, f"ROLE_ARN={ARN}Prod\n")
    assert project.roles["dev"].region == "eu-west-3"
    assert project.default_role == "Prod"
    assert project.roles["Prod"].protected
    assert (
        parsed(tmp_path, DEV.replace("[roles.dev]", "[roles.main]"), f"ROLE_ARN={ARN}dev\n").default_role
        == "main"
    )
    with pytest.raises(ConfigError, match="is not a role ARN"):
        parsed(tmp_path, DEV, "ROLE_ARN=dev\n")


@pytest.mark.parametrize(
    ("env", "region"),
    [
        ("AWS_REGION=a-b-1\nREGION_NAME=c-d-1\nAWS_DEFAULT_REGION=e-f-1\n", "a-b-1"),
        ("REGION_NAME=c-d-1\nAWS_DEFAULT_REGION=e-f-1\n", "c-d-1"),
        ("AWS_REGION=\nAWS_DEFAULT_REGION=e-f-1\n", "e-f-1"),
        ("AWS_REGION=\n", "eu-west-1"),
    ],
)
def test_region_when_env_names_one_then_it_wins(tmp_path: Path, env: str, region: str) -> None:
    """By three names, in this order; an empty one says nothing."""
    assert parsed(tmp_path, TEAM, env).declared_region == region


@pytest.mark.parametrize(
    ("env", "values"),
    [
        ("A=b\n", ("team", SERIAL, "team")),
        ("AWS_PROFILE=mine\nAWS_DEFAULT_PROFILE=x\n", ("mine", SERIAL, "team")),
        ("AWS_DEFAULT_PROFILE=mine\n", ("mine", SERIAL, "team")),
        ("AWS_MFA_SERIAL=mine\n", ("team", "mine", "team")),
        ("AWS_MFA_PROCESS=mine\n", ("team", SERIAL, "mine")),
        ("AWS_PROFILE=\nAWS_MFA_SERIAL=\nAWS_MFA_PROCESS=\n", ("team", SERIAL, "team")),
    ],
)
def test_identity_when_env_has_a_value_then_it_wins(
    tmp_path: Path, env: str, values: tuple[str, str, str]
) -> None:
    """The profile, the MFA device and the command for its code; an empty value says nothing."""
    project = parsed(tmp_path, TEAM, env)
    assert (project.profile, project.mfa_serial, project.mfa_process) == values


def test_project_when_it_has_no_name_then_is_called_as_its_folder(tmp_path: Path) -> None:
    """Where the team names none."""
    root = tmp_path / "shop é"
    root.mkdir()
    assert parsed(root).name == "shop é"
    assert (
        parsed(root, '[project]\nname = "store"\ntools = ["jq"]\ndelivery = "profile"\n' + PORTAL).name
        == "store"
    )
    project = config.load(root, environ={"HOME": "/people/bob"}, clock=lambda: 7.0)
    assert (project.tools, project.delivery, list(project.sso)) == (("jq",), "profile", ["corp"])
    assert (project.place.environ["HOME"], project.place.clock(), project.kept_default) == (
        "/people/bob",
        7.0,
        None,
    )


def test_env_when_a_name_steers_then_it_is_not_the_projects_and_a_line_says_so(tmp_path: Path) -> None:
    """The other values are, with the person's home in them; a key is known by its line, and hidden."""
    project = parsed(tmp_path, DEV, "PATH=/x\nAT=${HOME}/y\nAWS_SECRET_ACCESS_KEY=abc\nCOPY=abc\n")
    assert project.env == {"AT": "/people/ann/y", "COPY": "abc"}
    assert project.refused == ("PATH in .env is not set: it steers the shell",)
    assert project.secrets == {"AWS_SECRET_ACCESS_KEY": Secret("abc")}
    assert project.identity_lines == {"AWS_SECRET_ACCESS_KEY": 3}
    assert list(project.inputs) == [".env", "envrc.d/roles.toml"]
    assert project.digest != parsed(tmp_path, DEV + PROD).digest


def test_env_when_a_value_holds_the_secret_then_is_refused(tmp_path: Path) -> None:
    """By whatever name: it must not reach a shell."""
    project = parsed(tmp_path, DEV, f"AWS_SECRET_ACCESS_KEY={'s' * 40}\nCOPY={'s' * 40}\n")
    assert project.env == {}
    assert project.refused == ("COPY in .env is not set: it holds a long-lived key",)


def test_env_when_it_came_with_git_then_nothing_of_it_is_read(tmp_path: Path) -> None:
    """Whoever wrote it decides nothing here."""
    (tmp_path / ".env").write_text("A=b\n")
    for words in (["init", "-q"], ["add", ".env"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    with pytest.raises(ConfigError, match="came with git") as raised:
        parsed(tmp_path)
    assert raised.value.code == "env-tracked"
    assert raised.value.hint.startswith(
        f"git rm -q --cached {tmp_path}/.env; mv {tmp_path}/.env {tmp_path}/.env.from-git;"
    )


def test_env_when_a_pull_writes_it_after_git_was_asked_then_git_is_asked_again(tmp_path: Path) -> None:
    """What is read is what git was asked about."""
    path = tmp_path / ".env"
    path.write_text("A=1\n")
    texts = iter(["A=2\n", ""])

    class Pulled(InputFiles):
        def secret(self, name: str) -> Secret:
            """Read it, a moment after a pull wrote it."""
            if text := next(texts):
                path.write_text(text)
            return super().secret(name)

    assert config._own_text(Pulled(str(tmp_path)), str(path)).reveal() == "A=2\n"
    assert not list(texts)
