"""Whose word ROLECALL_ROLE is: the person's, or that of the `.envrc` that exported it."""

import base64
import json
import os
import zlib
from pathlib import Path

import pytest

from rolecall.credentials.store import choice, held
from rolecall.errors import ConfigError
from rolecall.project import config
from rolecall.system.person import terminal
from rolecall.system.person.terminal import Leader
from support.credentials import place_of


def loaded(before: dict[str, str], after: dict[str, str]) -> str:
    """Return DIRENV_DIFF as direnv writes it."""
    return base64.urlsafe_b64encode(zlib.compress(json.dumps({"p": before, "n": after}).encode())).decode()


@pytest.mark.parametrize(
    ("before", "now", "role"),
    [
        ({}, "dev", "prod"),
        ({}, "other", "other"),
        ({"ROLECALL_ROLE": "mine"}, "dev", "mine"),
        ({"ROLECALL_ROLE": "mine"}, "other", "other"),
    ],
    ids=["exported by envrc", "set since", "set before", "set before and since"],
)
def test_current_when_direnv_loaded_a_role_then_only_the_persons_own_word_counts(
    shop: Path, monkeypatch: pytest.MonkeyPatch, before: dict[str, str], now: str, role: str
) -> None:
    """A role that `cd` brought gives way to the default; one that was set by hand does not."""
    roles = shop / "envrc.d/roles.toml"
    roles.write_text(roles.read_text().replace('default_role = "dev"', 'default_role = "prod"'))
    monkeypatch.setenv("DIRENV_DIFF", loaded(before, {"ROLECALL_ROLE": "dev"}))
    monkeypatch.setenv("ROLECALL_ROLE", now)
    assert choice.current(config.load(shop)) == role


ME = Leader(os.getpid(), terminal.started_at(os.getpid()) or "")


def choice_file(root: Path, key: str = ME.key) -> Path:
    return Path(place_of(root).folder) / "terminals" / key


def test_record_when_made_then_only_that_terminal_has_it(shop: Path) -> None:
    """A pid that is used again has another start, and another choice."""
    choice.record(place_of(shop), "prod", ME)
    assert choice.read(place_of(shop), ME) == "prod"
    assert choice.read(place_of(shop), Leader(ME.pid, "0")) is None
    assert choice.read(place_of(shop), None) is None
    choice.forget(place_of(shop), ME)
    assert choice.read(place_of(shop), ME) is None


def test_record_when_it_is_the_same_role_then_the_file_is_not_written_again(shop: Path) -> None:
    """Direnv loads the project again at each write."""
    choice.record(place_of(shop), "dev", ME)
    os.utime(choice_file(shop), (1, 1))
    choice.record(place_of(shop), "dev", ME)
    assert choice_file(shop).stat().st_mtime == 1
    choice.record(place_of(shop), "prod", ME)
    assert choice_file(shop).stat().st_mtime > 1


@pytest.mark.parametrize("folder", ["terminals", "watches"])
def test_forget_dead_when_a_terminal_is_gone_then_only_its_files_go(shop: Path, folder: str) -> None:
    """Another start under the same pid is another terminal; what is no terminal's stays."""
    choice.record(place_of(shop), "dev", ME)
    kept, gone = {ME.key, "none", "x-1"}, {f"{ME.pid}-1", "4194999-77"}
    where = Path(place_of(shop).folder) / folder
    where.mkdir(exist_ok=True)
    for name in kept | gone:
        (where / name).write_text("dev\n")
    choice.forget_dead(place_of(shop))
    assert {path.name for path in where.iterdir()} == kept


@pytest.mark.parametrize("kind", held.KINDS)
def test_record_when_another_terminal_is_closed_then_what_it_held_goes_too(shop: Path, kind: str) -> None:
    """Its choice, and the sessions that it alone had; those of an open terminal stay."""
    closed = Leader(ME.pid, "1")
    choice.record(place_of(shop), "dev", ME)
    for leader in (ME, closed):
        where = held.by_terminal(place_of(shop), leader, kind)
        held.make(where)
        (Path(where.folder) / "prod.env").write_text("AWS_ACCESS_KEY_ID=x\n")
    own = choice_file(shop)
    (own.parent / closed.key).write_text("prod\n")
    choice.record(place_of(shop), "dev", ME)
    assert {path.name for path in own.parent.iterdir()} == {ME.key}
    held_by = {path.parent.name for path in Path(place_of(shop).folder).glob(f"{kind}/*/prod.env")}
    assert held_by == {ME.key}


@pytest.mark.parametrize("kind", held.KINDS)
def test_forget_when_a_terminal_lets_go_then_what_it_alone_held_goes_too(shop: Path, kind: str) -> None:
    """A protected role, and an elevated one: nobody took it again."""
    choice.record(place_of(shop), "dev", ME)
    where = held.by_terminal(place_of(shop), ME, kind)
    held.make(where)
    (Path(where.folder) / "prod.env").write_text("AWS_ACCESS_KEY_ID=x\n")
    choice.forget(place_of(shop), ME)
    assert choice.read(place_of(shop), ME) is None
    assert not Path(where.folder).exists()


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("dev\n", "dev"),
        (" dev \n", None),
        ("arn:aws:iam::111122223333:role/a/b\n", "arn:aws:iam::111122223333:role/a/b"),
        ("", None),
        ("\n", None),
        ("dev prod\n", None),
        ("$(id)", None),
        ("r" * 1000, None),
    ],
)
def test_read_when_the_file_holds_no_name_then_there_is_no_choice(
    shop: Path, text: str, role: str | None
) -> None:
    """Bash reads the same file, and no more of it."""
    choice.record(place_of(shop), "dev", ME)
    choice_file(shop).write_text(text)
    assert choice.read(place_of(shop), ME) == role


def test_default_when_a_person_prefers_another_then_it_is_theirs_until_they_let_go(shop: Path) -> None:
    """A default is known to a `cd` at once; one that the project does not have does not count."""
    project = config.load(shop)
    snapshot_file = Path(project.place.folder) / "project.snapshot"
    choice.record_default(project, "prod")
    assert (choice.default(project), choice.own_default(project)) == ("prod", "prod")
    assert "@default=prod\n" in snapshot_file.read_text()
    choice.record_default(project, "gone")
    assert (choice.default(project), choice.own_default(project)) == ("dev", "gone")
    assert choice.forget_removed(project) == ("gone",)
    assert choice.own_default(project) is None
    assert choice.forget_removed(project) == ()
    choice.record_default(project, "prod")
    choice.forget_default(project)
    assert (choice.default(project), choice.own_default(project)) == ("dev", None)
    assert "@default=dev\n" in snapshot_file.read_text()


def test_current_when_several_name_a_role_then_the_nearest_wins(shop: Path) -> None:
    """ROLECALL_ROLE by hand, the default, ROLE_ARN in the environment; then there is none."""
    arn = "arn:aws:iam::111122223333:role/mine"
    assert choice.current(config.load(shop, environ={**os.environ, "ROLECALL_ROLE": "prod"})) == "prod"
    assert choice.current(config.load(shop, environ={**os.environ, "ROLE_ARN": arn})) == "dev"
    (shop / "envrc.d/roles.toml").unlink()
    assert choice.current(config.load(shop, environ={**os.environ, "ROLE_ARN": arn})) == arn
    with pytest.raises(ConfigError) as caught:
        choice.chain(config.load(shop))
    assert caught.value.code == "role-missing"


def test_region_when_the_role_changes_then_stays_where_the_partition_has_it(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The region is the terminal's: it stays with another role, unless that is in another partition."""
    monkeypatch.setattr(terminal, "leader", lambda: ME)
    where, arn = place_of(shop), "arn:aws:iam::111122223333:role/dev"
    choice.record_region(where, "eu-west-3", arn, ME)
    assert choice.read(where, ME) is None
    choice.record(where, "prod", ME)
    assert (choice.read(where, ME), choice.region(where, arn)) == ("prod", "eu-west-3")
    assert choice.region(where, "arn:aws-cn:iam::111122223333:role/dev") is None
    choice.record_region(where, "", arn, ME)
    assert (choice.read(where, ME), choice.region(where, arn)) == ("prod", None)
    choice.record_region(where, "eu-west-3", arn, ME)
    choice.forget(where, ME)
    assert not choice_file(shop).exists()


@pytest.mark.parametrize(
    "text",
    [
        "dev\naws/eu-west-3",
        "dev\naws/eu-west-3\nmore\n",
        "dev\naws/$(id)\n",
        "dev\n" + "a/" + "b" * 90 + "\n",
        "d v\naws/eu-west-3\n",
    ],
    ids=["cut", "more", "odd", "long", "odd role"],
)
def test_read_when_the_file_is_not_whole_then_nothing_was_chosen(shop: Path, text: str) -> None:
    """Half of a choice is no choice; `test_regions` in tests/shell asks bash the same."""
    choice.record(place_of(shop), "prod", ME)
    choice_file(shop).write_text(text)
    assert choice.read(place_of(shop), ME) is None


def test_default_here_when_the_folders_own_line_names_a_role_then_that(shop: Path) -> None:
    """`use rolecall prod`; what another project's `.envrc` left does not count."""
    for where, role in ((os.path.realpath(shop), "prod"), ("/elsewhere", "dev")):
        environ = {**os.environ, "ROLECALL_PROJECT": where, "ROLECALL_DEFAULT_ROLE": "prod"}
        assert choice.default_here(config.load(shop, environ=environ)) == role
    environ = {**os.environ, "ROLECALL_PROJECT": os.path.realpath(shop)}
    assert choice.default_here(config.load(shop, environ=environ)) == "dev"


def test_forget_removed_when_the_terminals_role_is_gone_then_its_choice_is_let_go(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its region stays; the person's own default is another thing."""
    monkeypatch.setattr(terminal, "leader", lambda: ME)
    arn = "arn:aws:iam::111122223333:role/dev"
    choice.record(place_of(shop), "gone", ME)
    choice.record_region(place_of(shop), "eu-west-3", arn, ME)
    project = config.load(shop)
    choice.record_default(project, "prod")
    assert choice.forget_removed(project) == ("gone",)
    assert (choice.read(place_of(shop), ME), choice.own_default(project)) == (None, "prod")
    assert choice.region(place_of(shop), arn) == "eu-west-3"


@pytest.mark.parametrize(("more", "role"), [(0, "r" * 640), (1, None)])
def test_read_when_a_name_is_as_long_as_aws_allows_then_read(shop: Path, more: int, role: str | None) -> None:
    """One character more is no name."""
    choice.record(place_of(shop), "dev", ME)
    choice_file(shop).write_text("r" * (640 + more) + "\n")
    assert choice.read(place_of(shop), ME) == role
