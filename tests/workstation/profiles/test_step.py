"""The block of profiles in the AWS config: beside everything of the person's, and out again to the byte."""

import json
import os
import shutil
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from rolecall.credentials.identity import aws_profiles
from rolecall.errors import ConfigError, MachineError
from rolecall.project import config, own_profiles
from rolecall.workstation.doctor import report
from rolecall.workstation.doctor.symptom import Level
from rolecall.workstation.envfile import known
from rolecall.workstation.profiles import step
from rolecall.workstation.steps import once
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context, State
from support import ROLES_TOML, Sts, write_env

AWS = pytest.mark.client("aws")


def context(root: Path, *, profiles: str = "yes") -> Context:
    return Context(root, Answers(yes=True, profiles=profiles), journal=Journal(root, os.environ).append)


def make(root: Path, sts: Sts, *, roles: str = ROLES_TOML) -> Path:
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(roles)
    (root / ".envrc").write_text("")
    write_env(root, sts.env_file())
    return root


def apply(root: Path) -> None:
    step.apply(context(root))
    assert step.check(context(root)).state is State.DONE


def undo(root: Path) -> list[str]:
    """Take back what the project's journal says."""
    journal = Journal(root, os.environ)
    said = [
        step.undo(context(root), record) for record in reversed(journal.read()) if record.step == step.NAME
    ]
    journal.forget()
    return said


@pytest.fixture
def aws(home: Path) -> Path:
    """Return where the AWS config is; nothing is there yet."""
    return home / ".aws/config"


def write(path: Path, content: bytes | None) -> None:
    if content is not None:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


def profile_names() -> set[str]:
    """Return what a real SDK reads in the file; it refuses a file with a name twice."""
    return set(botocore.session.Session().available_profiles)


CONTENTS = {
    "absent": None,
    "empty": b"",
    "plain": b"[default]\nregion = eu-west-1\n",
    "comments": b"# mine\n[profile a]\n; old\nregion=x # why\n\n\n",
    "no end": b"[default]\nregion = eu-west-1",
    "CRLF": b"[default]\r\nregion = eu-west-1\r\n\r\n",
    "CRLF, no end": b"[default]\r\nregion = eu-west-1\r",
    "latin-1": b"# J\xf6rg\n[default]\nregion = eu-west-1\n",
}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["first first", "last first"])
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_block_when_two_projects_come_and_go_then_every_byte_of_the_file_is_the_persons(
    aws: Path, sts: Sts, tmp_path: Path, content: bytes | None, order: tuple[int, int]
) -> None:
    """Whichever goes first, whatever the file holds; its mode stays, and what was made for it goes."""
    write(aws, content)
    if content is not None:
        aws.chmod(0o640)
    roots = [make(tmp_path / name, sts) for name in ("one", "two")]
    for root in roots:
        apply(root)
        apply(root)
    assert aws.read_bytes().startswith(content or b"# >>> rolecall")
    assert stat.S_IMODE(aws.stat().st_mode) == (0o600 if content is None else 0o640)
    for at in order:
        undo(roots[at])
    assert (aws.read_bytes() if aws.exists() else None) == content
    assert aws.parent.exists() == (content is not None)


def test_block_when_the_file_is_a_link_then_what_it_points_at_is_edited(
    aws: Path, sts: Sts, project: Path, tmp_path: Path
) -> None:
    """As dotfiles are kept."""
    kept = tmp_path / "dotfiles"
    kept.write_text("[default]\n")
    aws.parent.mkdir()
    aws.symlink_to(kept)
    apply(project)
    assert aws.is_symlink()
    assert "[profile shop-dev]" in kept.read_text()


def test_block_when_the_file_cannot_be_changed_then_it_is_left_and_said(aws: Path, project: Path) -> None:
    """A folder in its place is nobody's to replace."""
    aws.mkdir(parents=True)
    assert step.check(context(project)).state is State.UNKNOWN
    with pytest.raises(MachineError, match="not a regular file"):
        step.apply(context(project))
    assert not any(aws.iterdir())


OWN = "[profile shop-dev]\nregion = us-east-2\n"


@pytest.mark.parametrize("name", ["config", "credentials"])
def test_block_when_the_person_has_a_profile_of_that_name_then_it_stays_and_ours_has_another(
    aws: Path, project: Path, name: str
) -> None:
    """In either file: a section twice would be an error of every SDK, and keys there would win."""
    own = OWN if name == "config" else OWN.replace("profile ", "")
    write(aws.parent / name, own.encode())
    apply(project)
    named = own_profiles.read(config.load(project).place)
    assert named["dev"].startswith("shop-dev-")
    assert named["prod"] == "shop-prod"
    assert {"shop-dev", *named.values()} == profile_names()
    assert (aws.parent / name).read_text().startswith(own)


def test_block_when_another_clone_has_the_names_then_this_one_gets_names_of_its_own(
    aws: Path, sts: Sts, tmp_path: Path
) -> None:
    """Two clones of one team's project on one machine."""
    one, two = make(tmp_path / "one", sts), make(tmp_path / "two", sts)
    apply(one)
    apply(two)
    names = [own_profiles.read(config.load(root).place) for root in (one, two)]
    assert names[0] == {"dev": "shop-dev", "prod": "shop-prod"}
    assert not {*names[0].values()} & {*names[1].values()}
    assert step.check(context(one)).state is State.DONE
    assert profile_names() == {*names[0].values(), *names[1].values()}


def test_block_when_the_person_wrote_a_roles_profile_by_hand_then_that_one_serves(
    aws: Path, project: Path
) -> None:
    """As README showed it, under whatever name."""
    write(
        aws,
        f"[profile mine]\ncredential_process = py -m rolecall credential-process dev {project}\n".encode(),
    )
    apply(project)
    assert own_profiles.read(config.load(project).place) == {"dev": "mine", "prod": "shop-prod"}
    assert "[profile shop-dev]" not in aws.read_text()


def test_block_when_it_was_edited_then_it_is_kept_by_setup_and_by_teardown(aws: Path, project: Path) -> None:
    """What the person made of it, counts."""
    apply(project)
    aws.write_text(aws.read_text().replace("region = eu-west-1", "region = eu-central-1", 1))
    edited = aws.read_text()
    finding = step.check(context(project))
    assert (finding.state, "edited by hand" in finding.detail) == (State.DONE, True)
    step.apply(context(project))
    assert "kept" in undo(project)[0]
    assert aws.read_text() == edited


def test_block_when_roles_toml_changes_then_it_is_written_anew(aws: Path, project: Path) -> None:
    """The check says so; what stands around it stays."""
    apply(project)
    aws.write_text(f"{aws.read_text()}[profile later]\n")
    path = project / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace("[roles.prod]", "[roles.live]"))
    finding = step.check(context(project, profiles=""))
    assert finding.state is State.CHANGE
    assert "-[profile shop-prod]" in finding.diff
    assert "+[profile shop-live]" in finding.diff
    apply(project)
    assert profile_names() == {"shop-dev", "shop-live", "later"}


def test_doctor_when_roles_toml_has_changed_then_notes_it_with_the_command(aws: Path, project: Path) -> None:
    """Before anybody runs setup."""
    apply(project)
    assert doctor(project) == (Level.OK, "")
    path = project / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace("[roles.prod]", "[roles.live]"))
    assert doctor(project) == (Level.NOTE, "invoke setup --profiles")
    aws.unlink()
    assert doctor(project) == (Level.NOTE, "invoke setup --profiles")


def doctor(root: Path) -> tuple[Level, str]:
    """Return how much doctor makes of the profiles, and what it says to do."""
    found = next(
        one for one in report.examine([step.step()], context(root, profiles="")) if one.id == step.NAME
    )
    return found.level, found.fix


def test_profiles_when_nobody_asks_for_them_then_none_are_wanted(project: Path) -> None:
    """By itself setup writes none."""
    assert not step.wanted(context(project, profiles=""))


def test_profiles_when_the_team_delivers_by_them_then_they_are_wanted_but_for_a_no(project: Path) -> None:
    """A person's own no goes before."""
    path = project / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace("[project]", '[project]\ndelivery = "profile"'))
    assert step.wanted(context(project, profiles=""))
    assert not step.wanted(context(project, profiles="no"))


def test_profiles_when_they_are_not_wanted_any_more_then_they_go(aws: Path, project: Path) -> None:
    """`setup --no-profiles`; and the next setup does not ask."""
    write(aws, b"[default]\n")
    apply(project)
    assert step.check(context(project, profiles="no")).state is State.CHANGE
    step.apply(context(project, profiles="no"))
    assert aws.read_bytes() == b"[default]\n"
    assert own_profiles.read(config.load(project).place) == {}
    assert once.answered(context(project), step.NAME) == once.NO
    assert not step.concerns(context(project, profiles=""))


def test_profiles_when_a_path_cannot_stand_in_the_file_then_that_is_refused_by_name(
    sts: Sts, tmp_path: Path
) -> None:
    """A line break would end the line."""
    root = make(tmp_path / "a\nb", sts)
    with pytest.raises(ConfigError, match=r"a\\nb"):
        step.check(context(root))


def test_profiles_when_they_are_ours_then_nothing_proposes_them(aws: Path, project: Path) -> None:
    """Neither as who assumes, nor as a role to import."""
    write(aws, b"[profile ann]\nregion = eu-west-1\n")
    apply(project)
    assert known.profiles(os.environ) == ["ann"]
    assert "shop-dev" not in aws_profiles.proposal(config.load(project))


# What a real client makes of it


def ask(root: Path, profile: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Ask the real AWS CLI who it is."""
    words = [
        shutil.which("aws") or "aws",
        "sts",
        "get-caller-identity",
        "--profile",
        profile,
        "--output",
        "json",
    ]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROLECALL_")}
    return subprocess.run(
        words, cwd=root.parent, env={**kept, **environ}, capture_output=True, text=True, check=False
    )


def who(done: "subprocess.CompletedProcess[str]") -> Mapping[str, Any]:
    assert done.returncode == 0, done.stderr
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


@AWS
@pytest.mark.parametrize("name", ["shop", "my shop é", "a 'shop' #1 ;x", 'shop "$HOME" %d'])
def test_profile_when_the_aws_cli_takes_it_then_it_holds_the_role(
    sts: Sts, tmp_path: Path, name: str
) -> None:
    """Whatever the folder is called, and from whichever folder it is asked."""
    root = make(tmp_path / name, sts)
    apply(root)
    assert who(ask(root, "shop-dev"))["Arn"].startswith("arn:aws:sts::111122223333:assumed-role/dev/")
    assert who(ask(root, "shop-prod"))["Account"] == "444455556666"


@AWS
def test_profile_when_its_role_is_protected_then_the_aws_cli_says_what_helps(
    sts: Sts, tmp_path: Path
) -> None:
    """A program without the terminal gets no session, and a person a command."""
    roles = ROLES_TOML.replace("role/prod", "role/prod-admin") + "protected = true\n"
    root = make(tmp_path / "shop", sts, roles=roles)
    apply(root)
    done = ask(root, "shop-prod")
    assert done.returncode != 0
    assert "role prod is protected" in done.stderr
    assert "assume --role prod --for-programs" in done.stderr
