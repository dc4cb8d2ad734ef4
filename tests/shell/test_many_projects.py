"""Many projects of one person: thirty, nested, worktrees, renamed, with versions of rolecall of their own."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.errors import ConfigError
from rolecall.system.disk import paths
from rolecall.workstation.direnv_lib import copies
from rolecall.workstation.direnv_lib import step as direnv_lib
from rolecall.workstation.envrc import render, use_line
from rolecall.workstation.setup import plan, table
from rolecall.workstation.setup import teardown as undoing
from rolecall.workstation.steps import git_exclude
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context
from support import ROLES_TOML
from support.root import needs_root
from support.terminals import Rendered, allow, install_function, write_constant

LINE = f"{use_line.LINE}\n"
ONE_ROLE = '[roles.%s]\nrole_arn = "arn:aws:iam::%s:role/%s"\n'
Make = Callable[..., Rendered]


@pytest.fixture
def thirty(tmp_path: Path) -> list[Path]:
    """Make thirty projects with the line, each with one role of its own name, all set up."""
    roots = []
    for number in range(30):
        root = tmp_path / f"code {number % 3}/shop-{number}"
        (root / "envrc.d").mkdir(parents=True)
        (root / "envrc.d/roles.toml").write_text(ONE_ROLE % (f"r{number}", "111122223333", "dev"))
        (root / ".envrc").write_text(LINE)
        install_function(root)
        roots.append(root)
    return roots


def test_thirty_projects_when_set_up_then_share_one_copy_and_no_folder(thirty: list[Path]) -> None:
    """One function, one copy, thirty private folders."""
    assert not copies.own(thirty[0], os.environ).parent.parent.exists()
    assert copies.shared(os.environ).is_file()
    assert len({paths.project_key(root) for root in thirty}) == 30


def test_plan_when_it_runs_in_one_then_no_other_changes(thirty: list[Path], home: Path) -> None:
    """Not a byte of the home, or of any project."""
    before = state(home, thirty[0].parents[1])
    plan.show(thirty[7], Answers(yes=True), is_json=False)
    assert state(home, thirty[0].parents[1]) == before


def test_teardown_when_others_remain_then_keeps_what_they_share_and_the_last_takes_it(
    thirty: list[Path], home: Path
) -> None:
    """One of thirty changes nothing for the others; the last one leaves nothing."""
    for root in thirty[:-1]:
        said = tear_down(root)
        assert any("uses it too" in line for line in said)
        assert copies.library(os.environ).is_file()
        assert copies.shared(os.environ).is_file()
    tear_down(thirty[-1])
    assert [path for path in home.rglob("*") if path.is_file()] == []
    assert not (home / ".config").exists()


def test_teardown_when_only_rendered_projects_remain_then_takes_the_function_along(
    thirty: list[Path], tmp_path: Path
) -> None:
    """A rendered `.envrc` needs no function, so it keeps none alive."""
    for root in thirty[1:]:
        (root / ".envrc").write_text(render.envrc(root))
    tear_down(thirty[0])
    assert not copies.library(os.environ).exists()


def test_teardown_when_a_project_was_renamed_or_deleted_then_the_last_takes_its_things_along(
    thirty: list[Path], home: Path
) -> None:
    """What a folder left behind that is no longer there goes with the last one that is."""
    for root in thirty[1:]:
        tear_down(root)
    thirty[0].rename(thirty[0].with_name("renamed"))
    renamed = thirty[0].with_name("renamed")
    install_function(renamed)
    tear_down(renamed)
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_project_when_it_is_renamed_then_the_line_works_after_an_approval(
    make_rendered: Make, tmp_path: Path
) -> None:
    """Direnv asks again, as it does for every new path; nothing has to be rendered."""
    rendered = make_rendered(tmp_path / "shop", envrc=LINE)
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"
    rendered.root.rename(tmp_path / "moved")
    moved = Rendered(tmp_path / "moved", paths.runtime_dir(paths.project_key(tmp_path / "moved")))
    assert "ROLECALL_ROLE" not in moved.cd().exports
    allow(moved.root)
    assert moved.cd().exports["ROLECALL_ROLE"] == "dev"
    assert (moved.folder / "dev.env").is_file()


def test_worktree_when_it_is_added_then_is_a_project_of_its_own(make_rendered: Make, tmp_path: Path) -> None:
    """Its `.envrc` came with git; with an approval it works, and shares no session with the other."""
    main = make_rendered(tmp_path / "shop", envrc=LINE)
    git(main.root, "init", "-q")
    git(main.root, "add", ".envrc", "envrc.d")
    git(main.root, "commit", "-qm", "Roles")
    git(main.root, "worktree", "add", "-q", str(tmp_path / "tree"))
    shutil.copy(main.root / ".env", tmp_path / "tree/.env")
    tree = Rendered(tmp_path / "tree", paths.runtime_dir(paths.project_key(tmp_path / "tree")))
    allow(tree.root)
    first, second = main.cd(), tree.cd()
    roles = [one.exports.get("ROLECALL_ROLE") for one in (first, second)]
    assert roles == ["dev", "dev"], first.said + second.said
    assert {main.folder / "dev.env", tree.folder / "dev.env"} == set(main.folder.parent.glob("*/dev.env"))


def test_worktree_when_the_other_is_torn_down_then_its_personal_files_stay_ignored(tmp_path: Path) -> None:
    """Work trees have one exclude file: the last one takes the lines out."""
    shop, tree = tmp_path / "shop", tmp_path / "tree"
    shop.mkdir()
    git(shop, "init", "-q")
    git(shop, "commit", "-q", "--allow-empty", "-m", "Begin")
    git(shop, "worktree", "add", "-q", str(tree))
    before = (shop / ".git/info/exclude").read_text()
    for root in (shop, tree):
        (root / ".envrc").write_text(LINE)
        context = Context(root, journal=Journal(root, os.environ).append)
        git_exclude.apply(context) if root == shop else direnv_lib.apply(context)
    assert any("uses it too" in line for line in tear_down(shop))
    assert git(tree, "status", "--porcelain") == ""
    tear_down(tree)
    assert (shop / ".git/info/exclude").read_text() == before


def test_nested_project_when_it_has_roles_then_is_its_own_and_the_outer_keeps_its(
    make_rendered: Make, tmp_path: Path
) -> None:
    """A monorepo: the nearest roles.toml decides, also below `source_up`."""
    outer = make_rendered(tmp_path / "mono", envrc=LINE)
    inner_root = tmp_path / "mono/services/pay"
    inner = make_rendered(
        inner_root, roles=ONE_ROLE % ("pay", "444455556666", "pay"), envrc=f"source_up\n{LINE}"
    )
    docs = tmp_path / "mono/docs"
    docs.mkdir()
    (docs / ".envrc").write_text(LINE)
    allow(docs)
    assert outer.cd().exports["ROLECALL_ROLE"] == "dev"
    assert inner.cd().exports["ROLECALL_ROLE"] == "pay"
    assert inner.cd().exports["AWS_ACCOUNT_ID"] == "444455556666"
    assert Rendered(docs, outer.folder).cd().exports["ROLECALL_ROLE"] == "dev"


@needs_root
def test_project_when_someone_else_has_roles_above_then_they_do_not_count(
    make_rendered: Make, tmp_path: Path
) -> None:
    """/tmp/envrc.d of another user does not decide about a folder of one's own there."""
    shop = make_rendered(tmp_path / "shared/shop", envrc=LINE, ROLE_ARN="arn:aws:iam::111122223333:role/own")
    (shop.root / "envrc.d/roles.toml").unlink()
    theirs = tmp_path / "shared/envrc.d/roles.toml"
    theirs.parent.mkdir()
    theirs.write_text(ROLES_TOML)
    os.chown(theirs, 12345, 12345)
    assert shop.cd().exports["ROLECALL_ROLE"] == "own"


def test_project_when_set_up_with_another_installation_then_has_a_copy_of_its_own(thirty: list[Path]) -> None:
    """The common copy is the first version's, and stays so: setup here changes no other project."""
    common = copies.shared(os.environ)
    elsewhere = common.parent / "elsewhere"
    elsewhere.mkdir()
    write_constant(copies.cold(common), "package", str(elsewhere))
    text = copies.cold(common).read_text()
    install_function(thirty[0])
    assert copies.own(thirty[0], os.environ).is_file()
    assert copies.cold(common).read_text() == text
    elsewhere.rmdir()
    common.unlink()
    copies.cold(common).unlink()
    install_function(thirty[0])
    assert not copies.own(thirty[0], os.environ).exists()
    assert common.is_file()


def test_project_when_it_has_a_copy_of_its_own_then_runs_that(make_rendered: Make, tmp_path: Path) -> None:
    """The project's copy wins, in its folder only."""
    one, two = make_rendered(tmp_path / "one", envrc=LINE), make_rendered(tmp_path / "two", envrc=LINE)
    own = copies.own(one.root, os.environ)
    own.parent.mkdir(parents=True)
    own.write_text("export VERSION=own\n")
    assert one.cd().exports["VERSION"] == "own"
    assert two.cd().exports["ROLECALL_ROLE"] == "dev"


def test_copy_when_edited_then_is_neither_overwritten_nor_removed(thirty: list[Path]) -> None:
    """An edit is a person's."""
    common = copies.shared(os.environ)
    common.write_text(common.read_text() + "export MINE=1\n")
    with pytest.raises(ConfigError, match="was changed since rolecall wrote it"):
        install_function(thirty[0])
    for root in thirty:
        said = tear_down(root)
    assert any("it was edited since" in line for line in said)
    assert common.read_text().endswith("export MINE=1\n")


def tear_down(root: Path) -> list[str]:
    """Take the project back; return the lines that are said."""
    context = Context(root, Answers(yes=True))
    said: list[str] = []
    undoing.run(table.undoing(context), context, on_end=lambda _name, line: said.append(line))
    return said


def state(*folders: Path) -> dict[Path, str]:
    """Return every file below `folders` and the digest of its content."""
    found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def git(root: Path, *words: str) -> str:
    """Run git as Ann."""
    own = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    return subprocess.run(["git", *own, *words], cwd=root, check=True, capture_output=True, text=True).stdout
