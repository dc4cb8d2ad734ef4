"""The snapshot: a project loads from it without a parser, as long as it is the present truth."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rolecall.errors import ConfigError
from rolecall.project import config, snapshot
from rolecall.project.declared import Project
from rolecall.system.disk import place
from support.root import needs_root

KEY, SECRET = "AKIAEXAMPLE000000001", "a/b+c=d"
ENV = f"""\
# mine
AWS_ACCESS_KEY_ID={KEY}
AWS_SECRET_ACCESS_KEY={SECRET}
TEAM='co re'
LINES="a
b"
BACK=a\\b
"""
ROLES = """\
[project]
name = "shop"
default_role = "dev"
region = "eu-west-1"
tools = ["jq"]
mfa_process = "ykman code"
[roles.dev]
role_arn = "arn:aws:iam::111122223333:role/dev"
duration = "90m"
tags = { team = "core", stage = "x=y" }
transitive_tags = ["team"]
policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/Other"]
session_policy = "dev.json"
[roles.prod]
role_arn = "arn:aws:iam::444455556666:role/prod"
source = "dev"
protected = true
mfa = true
external_id = "e-1"
[roles.desk]
sso = { session = "corp", account_id = "111122223333", role_name = "Admin" }
[sso.corp]
start_url = "https://corp.awsapps.com/start"
region = "eu-west-1"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Make a project that declares everything, and its snapshot."""
    root = tmp_path / "sh op é"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES)
    (root / "envrc.d/dev.json").write_text('{"Version": "2012-10-17"}')
    (root / ".env").write_text(ENV)
    written(root)
    return root


def written(root: Path) -> Project:
    """Parse the project, and write its snapshot."""
    project = config.parse(place.at(root))
    snapshot.write(project, project.default_role)
    return project


def kept(root: Path) -> Project | None:
    """Return the project as the snapshot has it."""
    return snapshot.read(place.at(root))


def facts(project: Project) -> list[object]:
    """Return all that a caller can see of a project."""
    names = (
        "root",
        "name",
        "default_role",
        "region",
        "endpoint",
        "profile",
        "tools",
        "mfa_serial",
        "mfa_process",
        "delivery",
        "refused",
        "identity",
    )
    values = [getattr(project, name) for name in names]
    values += [project.digest, dict(project.inputs), dict(project.identity_lines)]
    return [*values, dict(project.env), dict(project.secrets), dict(project.roles), dict(project.sso)]


def test_read_when_nothing_changed_then_is_what_parsing_gives(shop: Path) -> None:
    """Every role, every value, every name: the snapshot loses nothing."""
    project = kept(shop)
    assert project
    assert facts(config.parse(place.at(shop))) == facts(project)
    assert list(project.roles) == ["dev", "prod", "desk"]
    assert len(project.roles) == 3
    assert "nosuch" not in project.roles


def test_read_when_a_shell_gets_a_profile_then_nothing_is_lost(tmp_path: Path) -> None:
    """The names of the identity that are no secret, what is refused, a key on a last line without an end."""
    (tmp_path / "envrc.d").mkdir()
    head = 'delivery = "profile"\nprofile = "base"\nmfa_serial = "arn:aws:iam::111122223333:mfa/ann"\n'
    (tmp_path / "envrc.d/roles.toml").write_text(f"[project]\n{head}")
    names = (
        "AWS_PROFILE=mine\nAWS_DEFAULT_PROFILE=other\nROLECALL_KEYRING=shop\nPATH=x\nIFS=y\nPYTHONPATH=z\n"
    )
    (tmp_path / ".env").write_text(f"{names}AWS_SECRET_ACCESS_KEY={SECRET}")
    project = written(tmp_path)
    assert (project.delivery, project.profile, len(project.refused)) == ("profile", "mine", 2)
    found = kept(tmp_path)
    assert found
    assert facts(found) == facts(project)
    (tmp_path / ".env").write_text("A=b\n")
    (tmp_path / ".env").unlink()
    again = written(tmp_path)
    assert again.profile == "base"
    found = kept(tmp_path)
    assert found
    assert facts(found) == facts(again)


@pytest.mark.parametrize("has_news", [True, False])
def test_head_when_written_then_says_what_bash_reads(shop: Path, *, has_news: bool) -> None:
    """With news, a `cd` asks Python, which finds no snapshot to believe."""
    project = config.parse(place.at(shop))
    snapshot.write(project, "prod", has_news=has_news)
    head = snapshot.head(place.at(shop))
    assert head
    assert (head.digest, head.default_role, head.identity) == (project.digest, "prod", "named")
    assert (head.inputs, head.has_news) == (project.inputs, has_news)
    assert (kept(shop) is None) is has_news


def test_head_when_there_is_no_default_role_then_is_empty(shop: Path) -> None:
    """And a snapshot with none is kept as it is."""
    project = config.parse(place.at(shop))
    snapshot.write(project, None)
    head, again = snapshot.head(place.at(shop)), kept(shop)
    assert head
    assert again
    assert head.default_role == ""
    path = Path(project.place.folder, snapshot.SHELL_NAME)
    path.unlink()
    snapshot.write(again, None)
    assert not path.exists()


@pytest.mark.parametrize(
    ("old", "new"), [("@format=2\n", "@format=1\n"), ("@end\n", ""), ("@inputs=", "@other=")]
)
def test_head_when_the_file_is_of_another_rolecall_or_cut_then_there_is_none(
    shop: Path, old: str, new: str
) -> None:
    """First and last line both count, and that it says of which files it was made."""
    path = Path(place.at(shop).folder, snapshot.SHELL_NAME)
    path.write_text(path.read_text().replace(old, new))
    assert snapshot.head(place.at(shop)) is None
    assert kept(shop) is None


def test_head_when_there_is_no_file_then_there_is_none(tmp_path: Path) -> None:
    """A project that was never entered."""
    assert snapshot.head(place.at(tmp_path)) is None
    assert kept(tmp_path) is None


def test_write_when_a_value_holds_a_nul_then_names_it(tmp_path: Path) -> None:
    """No environment can hold it."""
    where = place.at(tmp_path)
    project = Project(where, "shop", None, None, {}, {"A": "x\0"})
    with pytest.raises(ConfigError, match=r"A in \.env holds a NUL byte") as raised:
        snapshot.write(project, None)
    assert (raised.value.code, raised.value.hint) == ("env-value", "grep -n A .env")


def test_write_when_written_then_each_folder_and_stamp_is_private(shop: Path) -> None:
    """The stamps have the times of the files, and none is left of a file that is gone."""
    folder = Path(place.at(shop).folder)
    for name in (snapshot.STAMPS, snapshot.WATCHES):
        assert (folder / name).stat().st_mode & 0o777 == 0o700
    times = [(shop / name).stat().st_mtime_ns for name in (".env", "envrc.d/roles.toml", "envrc.d/dev.json")]
    assert [path.stat().st_mtime_ns for path in sorted((folder / snapshot.STAMPS).iterdir())] == times
    (shop / ".env").unlink()
    written(shop)
    assert sorted(path.name for path in (folder / snapshot.STAMPS).iterdir()) == ["1", "2"]
    assert kept(shop)


def test_write_when_nothing_changed_then_no_file_is_written_anew(shop: Path) -> None:
    """A `cd` in another shell need not read them again."""
    folder = Path(place.at(shop).folder)
    names = [snapshot.SHELL_NAME, snapshot.NAME, snapshot.ALIASES_NAME, f"{snapshot.STAMPS}/0"]
    before = [(folder / name).stat() for name in names]
    written(shop)
    after = [(folder / name).stat() for name in names]
    assert [one.st_ctime_ns for one in before] == [one.st_ctime_ns for one in after]
    assert (
        (folder / snapshot.ALIASES_NAME)
        .read_text()
        .startswith("arn:aws:iam::111122223333:role/dev dev\narn:aws:iam::444455556666:role/prod prod\n")
    )


def test_write_when_read_from_the_snapshot_then_it_stays_true(shop: Path) -> None:
    """A project that came from its snapshot does not spoil it; another default role is written."""
    project = kept(shop)
    assert project
    before = Path(project.place.folder, snapshot.SHELL_NAME).read_text()
    snapshot.write(project, "dev")
    assert Path(project.place.folder, snapshot.SHELL_NAME).read_text() == before
    snapshot.write(project, "prod")
    again = kept(shop)
    assert again
    assert (again.kept_default, facts(again)) == ("prod", facts(project))


@pytest.mark.parametrize("name", [".env", "envrc.d/roles.toml", "envrc.d/dev.json"])
@pytest.mark.parametrize("change", ["edited", "older", "gone"])
def test_read_when_a_file_changed_then_is_not_believed(shop: Path, name: str, change: str) -> None:
    """An edit, an older copy put in its place, and a removal all count."""
    path = shop / name
    if change == "gone":
        path.unlink()
    elif change == "older":
        os.utime(path, (1_000_000_000, 1_000_000_000))
    else:
        before = path.stat().st_mtime_ns
        path.write_text(path.read_text())
        os.utime(path, ns=(before + 1, before + 1))
    assert kept(shop) is None


@pytest.mark.parametrize("text", ["", "X=1\nY=2\nZ=3\n"])
def test_read_when_a_key_is_not_on_its_line_then_is_not_believed(shop: Path, text: str) -> None:
    """Whatever the time of the file says: no other value is taken for the key."""
    before = (shop / ".env").stat().st_mtime_ns
    (shop / ".env").write_text(text)
    os.utime(shop / ".env", ns=(before, before))
    assert snapshot.head(place.at(shop))
    assert kept(shop) is None


def test_read_when_a_file_appears_then_is_not_believed(tmp_path: Path) -> None:
    """A `.env` that was not there before is a change."""
    (tmp_path / "envrc.d").mkdir()
    (tmp_path / "envrc.d/roles.toml").write_text(ROLES.replace('session_policy = "dev.json"\n', ""))
    written(tmp_path)
    assert kept(tmp_path)
    (tmp_path / ".env").write_text("A=b\n")
    assert kept(tmp_path) is None


def test_files_when_written_then_hold_no_secret(shop: Path) -> None:
    """The keys stay in `.env`: the snapshot knows only on which line they stand."""
    folder = Path(place.at(shop).folder)
    texts = [path.read_text() for path in folder.iterdir() if path.is_file()]
    assert not [text for text in texts if SECRET in text or KEY in text]
    assert {0o600} == {path.stat().st_mode & 0o777 for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("form", ["AWS_SECRET_ACCESS_KEY='{}'", "export AWS_SECRET_ACCESS_KEY={}"])
def test_write_when_a_key_is_not_plain_then_the_files_are_parsed(shop: Path, form: str) -> None:
    """A quoted key is read by python-dotenv, each time."""
    (shop / ".env").write_text(f"AWS_ACCESS_KEY_ID={KEY}\n{form.format(SECRET)}\n")
    project = written(shop)
    assert project.secrets["AWS_SECRET_ACCESS_KEY"].reveal() == SECRET
    assert kept(shop) is None


@pytest.mark.parametrize("name", [snapshot.NAME, snapshot.SHELL_NAME])
@pytest.mark.parametrize("cut", [0, 1, 70, 100, -3])
def test_read_when_cut_short_then_is_a_miss(shop: Path, name: str, cut: int) -> None:
    """A file that lost its end is none."""
    path = Path(place.at(shop).folder, name)
    path.write_text(path.read_text()[:cut])
    assert kept(shop) is None


@needs_root
def test_read_when_the_file_is_someone_elses_then_is_a_miss(shop: Path) -> None:
    """Roles that another user wrote are nobody's here."""
    os.chown(Path(place.at(shop).folder, snapshot.NAME), 12345, 12345)
    assert kept(shop) is None


def test_load_when_snapshot_is_true_then_no_parser_is_loaded(shop: Path) -> None:
    """Neither tomllib nor dotenv nor re is imported."""
    code = (
        "import sys; from rolecall.project import config; project = config.load(sys.argv[1]);"
        "slow = {'tomllib', 'dotenv', 're', 'json', 'pathlib'};"
        "print(project.roles['dev'].name, sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, 'src'); {code}", str(shop)],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "dev []\n"


def test_env_when_only_aws_is_wanted_then_no_value_of_the_app_is_the_projects(tmp_path: Path) -> None:
    """Neither from the files nor from the snapshot, and in neither file; the network's are for AWS too."""
    (tmp_path / "envrc.d").mkdir()
    (tmp_path / "envrc.d/roles.toml").write_text('[project]\nenv = "aws"\n')
    app = "DATABASE_URL=postgres://app\nAWS_REGION=eu-west-1\nHTTPS_PROXY=http://127.0.0.1:9\n"
    (tmp_path / ".env").write_text(f"{app}AWS_ACCESS_KEY_ID={KEY}\nAWS_SECRET_ACCESS_KEY={SECRET}\n")
    names = {"AWS_REGION", "HTTPS_PROXY", "AWS_ACCESS_KEY_ID"}
    assert set(written(tmp_path).env) == names
    project = kept(tmp_path)
    assert project
    assert set(project.env) == names | {"AWS_DEFAULT_REGION"}
    assert set(project.secrets) == {"AWS_SECRET_ACCESS_KEY"}
    folder = Path(project.place.folder)
    assert not [path for path in folder.iterdir() if path.is_file() and "postgres" in path.read_text()]
