"""The record of what was approved: what is remembered, what goes on waiting, and what a yes covers."""

from pathlib import Path

import pytest

from rolecall.errors import LoginNeededError, MachineError
from rolecall.project import config
from rolecall.project.approved import approval_file, record
from rolecall.project.approved.changes import Changes
from rolecall.project.declared import Project
from rolecall.system.disk import place

DEV = '[roles.dev]\nrole_arn = "arn:aws:iam::111122223333:role/dev"\nmfa = true\n'
LOOK = '[roles.look]\nrole_arn = "arn:aws:iam::111122223333:role/look"\nread_only = true\n'
EVIL = '[roles.evil]\nrole_arn = "arn:aws:iam::123456789012:role/evil"\n'
DESK = '[roles.desk]\nsso = { session = "corp", account_id = "111122223333", role_name = "Admin" }\n'
CORP = '[sso.corp]\nstart_url = "https://corp.example"\nregion = "eu-west-1"\n'
MFA = 'mfa_process = "ykman"\n'


def project(root: Path, roles: str, head: str = 'default_role = "dev"\n', env: str = "") -> Project:
    """Return the project at `root` with these declarations."""
    (root / "envrc.d").mkdir(exist_ok=True)
    (root / "envrc.d/roles.toml").write_text(f"[project]\n{head}{roles}")
    (root / ".env").write_text(env)
    return config.parse(place.at(root))


def settled(root: Path, roles: str, head: str = 'default_role = "dev"\n', env: str = "") -> Changes:
    """Return what has changed in the project now; remember what needs no approval."""
    now = project(root, roles, head, env)
    found = record.changes(now)
    record.settle(now, found, is_said=True)
    return found


def moved(text: str) -> str:
    """Return the declaration of a role, in another account."""
    return text.replace("111122223333", "123456789012")


def kept(root: Path) -> approval_file.Approved:
    """Return what was approved."""
    found = approval_file.read(place.at(root))
    assert found
    return found


def test_settle_when_first_used_then_all_is_remembered_and_written_once(tmp_path: Path) -> None:
    """Nothing was there before to compare with; the same again writes nothing."""
    assert settled(tmp_path, DEV + LOOK) == Changes()
    first = kept(tmp_path)
    assert (list(first.roles), first.default) == (["dev", "look"], "dev")
    assert first.digest == project(tmp_path, DEV + LOOK).digest
    path = Path(place.at(tmp_path).state, approval_file.NAME)
    before = path.stat().st_mtime_ns
    settled(tmp_path, DEV + LOOK)
    record.accept(project(tmp_path, DEV + LOOK))
    assert path.stat().st_mtime_ns == before


def test_settle_when_one_role_waits_then_the_others_are_remembered(tmp_path: Path) -> None:
    """The one that waits stays as it was, and what is gone is remembered."""
    settled(tmp_path, DEV + LOOK + DESK + CORP)
    settled(tmp_path, moved(DEV) + EVIL + LOOK.replace("read_only = true\n", ""))
    roles = kept(tmp_path).roles
    assert {name: role.account for name, role in roles.items()} == {
        "dev": "111122223333",
        "look": "111122223333",
        "desk": "111122223333",
        "evil": "123456789012",
    }
    assert not roles["look"].read_only
    assert kept(tmp_path).digest == ""


def test_settle_when_a_wider_role_was_not_said_then_it_stays_as_it_was(tmp_path: Path) -> None:
    """It is news until a person has seen it."""
    settled(tmp_path, DEV)
    now = project(tmp_path, DEV.replace("mfa = true\n", "") + LOOK)
    record.settle(now, record.changes(now), is_said=False)
    assert kept(tmp_path).roles["dev"].mfa
    assert "look" in kept(tmp_path).roles
    assert record.changes(now).news


@pytest.mark.parametrize(
    ("before", "after", "head"),
    [
        (DESK + CORP, DESK + CORP.replace("corp.example", "c0rp.example"), ""),
        (DEV, DEV, MFA),
    ],
    ids=["portal", "mfa"],
)
def test_settle_when_a_portal_or_a_command_waits_then_it_goes_on_waiting(
    tmp_path: Path, before: str, after: str, head: str
) -> None:
    """However often a role is asked for; a yes to it ends that."""
    settled(tmp_path, before, "")
    for _ in range(3):
        assert settled(tmp_path, after, head).asks
    (name,) = settled(tmp_path, after, head).asks
    record.accept(project(tmp_path, after + EVIL, head), name)
    assert settled(tmp_path, after, head) == Changes()


def test_default_role_when_another_waits_then_is_the_one_before_if_it_is_declared(tmp_path: Path) -> None:
    """None where that is gone: the new one is not taken in its place."""
    settled(tmp_path, DEV)
    other = 'default_role = "evil"\n'
    for _ in range(2):
        assert settled(tmp_path, DEV + EVIL, other).asks_default
        assert record.default_role(project(tmp_path, DEV + EVIL, other)) == "dev"
    assert kept(tmp_path).digest == ""
    assert record.default_role(project(tmp_path, EVIL, other)) is None
    record.accept(project(tmp_path, DEV + EVIL, other), "dev")
    assert kept(tmp_path).default == "dev"
    record.accept(project(tmp_path, DEV + EVIL, other))
    assert record.default_role(project(tmp_path, DEV + EVIL, other)) == "evil"


def test_default_role_when_there_is_none_to_keep_then_is_the_projects(tmp_path: Path) -> None:
    """Without an approval so far, and where it names a role that was there."""
    assert record.default_role(project(tmp_path, DEV + LOOK)) == "dev"
    settled(tmp_path, DEV + LOOK)
    assert record.default_role(project(tmp_path, DEV + LOOK, 'default_role = "look"\n')) == "look"


def test_accept_when_it_is_one_role_then_what_is_said_of_the_others_stays(tmp_path: Path) -> None:
    """A yes to one role is none to another; a default of the same account needs none."""
    settled(tmp_path, DEV + LOOK + DESK + CORP)
    wide = LOOK.replace("read_only = true\n", "")
    now = project(tmp_path, moved(DEV) + wide + moved(DESK) + CORP, 'default_role = "look"\n')
    record.accept(now, "dev")
    assert (list(record.changes(now).asks), list(record.changes(now).widened)) == (["desk"], ["look"])
    assert kept(tmp_path).default == "look"
    record.accept(now, "look")
    assert list(record.changes(now).asks) == ["desk"]
    record.accept(now)
    assert record.changes(now) == Changes()


def test_review_command_when_there_is_a_copy_then_is_it(tmp_path: Path) -> None:
    """It runs nothing of the project; before setup there is none."""
    where = project(tmp_path, DEV).place
    assert record.review_command(where) == "rolecall review"
    settled(tmp_path, DEV)
    Path(where.state, record.REVIEW).touch()
    assert record.review_command(where) == f"{where.state}/review"


def test_settle_when_the_person_names_a_role_in_env_then_the_teams_default_is_kept(tmp_path: Path) -> None:
    """ROLE_ARN is no default of the team's."""
    settled(tmp_path, DEV + LOOK)
    settled(tmp_path, DEV + LOOK, env="ROLE_ARN=arn:aws:iam::111122223333:role/look\n")
    assert kept(tmp_path).default == "dev"
    settled(tmp_path, DEV + LOOK, 'default_role = "look"\n')
    assert kept(tmp_path).default == "look"


def test_settle_when_the_person_names_a_role_at_the_first_use_then_it_is_remembered(tmp_path: Path) -> None:
    """There is no default of the team's yet that could be kept."""
    settled(tmp_path, "", "", env="ROLE_ARN=arn:aws:iam::111122223333:role/look\n")
    assert kept(tmp_path).default == "look"


def test_settle_when_requests_would_go_elsewhere_then_nothing_is_remembered(tmp_path: Path) -> None:
    """Every role waits, with the command that shows why; a yes to one covers the route."""
    settled(tmp_path, DEV)
    record.refuse_moved_routes(project(tmp_path, DEV))
    env = "HTTPS_PROXY=http://evil.example:1\n"
    found = settled(tmp_path, DEV + LOOK, env=env)
    assert found.ask_for("dev") == found.ask_for("look") == ".env sets HTTPS_PROXY to evil.example"
    assert list(kept(tmp_path).roles) == ["dev"]
    now = project(tmp_path, DEV, env=env)
    with pytest.raises(LoginNeededError, match=r"evil\.example; that waits for your approval") as raised:
        record.refuse_moved_routes(now)
    assert (raised.value.code, raised.value.hint) == ("approval-needed", record.review_command(now.place))
    record.accept(now, "dev")
    record.refuse_moved_routes(now)


def test_refuse_moved_routes_when_nothing_was_approved_then_nothing_is_refused(tmp_path: Path) -> None:
    """At a first use what `.env` says is the person's own."""
    record.refuse_moved_routes(project(tmp_path, DEV, env="HTTPS_PROXY=http://evil.example:1\n"))


def test_settle_when_it_cannot_be_written_then_the_role_is_had_and_accept_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A yes that is not kept would be asked for again."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    now = project(tmp_path, DEV)
    record.settle(now, record.changes(now), is_said=True)
    with pytest.raises(MachineError):
        record.accept(now)


def test_changes_when_the_roles_were_moved_from_another_project_then_it_is_compared(tmp_path: Path) -> None:
    """Another account or default waits; what is the same, or only wider, does not."""
    above, below = tmp_path / "shop", tmp_path / "shop/sub"
    below.mkdir(parents=True)
    settled(above, DEV + LOOK)
    (above / "envrc.d/roles.toml").unlink()
    assert record.changes(project(below, DEV.replace("mfa = true\n", ""))) == Changes()
    assert list(record.changes(project(below, moved(DEV) + LOOK)).asks) == ["dev"]
    other = project(below, DEV + EVIL, 'default_role = "evil"\n')
    assert record.changes(other).asks_default
    assert not record.changes(other).asks
    assert record.default_role(other) == "dev"
    settled(below, moved(DEV) + LOOK)
    assert kept(below).roles["dev"].account == "111122223333"


def test_changes_when_several_projects_were_around_then_the_first_that_asks_counts(tmp_path: Path) -> None:
    """One that has nothing to ask does not hide another."""
    for root, text in ((tmp_path / "a", DEV), (tmp_path / "a/b/c", moved(DEV))):
        root.mkdir(parents=True)
        record.accept(project(root, text))
        (root / "envrc.d/roles.toml").unlink()
    now = project(tmp_path / "a/b", DEV)
    assert list(record.changes(now).asks) == ["dev"]
    record.settle(now, record.changes(now), is_said=True)
    assert kept(tmp_path / "a/b").roles["dev"].account == "123456789012"
