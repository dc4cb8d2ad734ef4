"""The step `approval`: direnv runs what the person has seen, and nothing else."""

import contextlib
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from rolecall.errors import MachineError, UsageError
from rolecall.workstation.envrc import allow, approval
from rolecall.workstation.steps import engine
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import State
from support.envrc_project import apply, change_fragment, context


def direnv_loads(root: Path) -> str:
    done = subprocess.run(
        ["direnv", "exec", root, "printenv", "OWN"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def test_approval_when_the_content_changes_then_is_gone(shop: Path) -> None:
    """The file runs after apply; not before, not after a change, not after undo."""
    apply(shop)
    assert approval.check(context(shop)).state is State.CHANGE
    assert direnv_loads(shop) == ""
    approval.apply(context(shop))
    assert approval.check(context(shop)).state is State.DONE
    assert direnv_loads(shop) == "1"
    (shop / ".envrc").write_text((shop / ".envrc").read_text() + "\n")
    assert approval.check(context(shop)).state is State.CHANGE
    record = Journal(shop, os.environ).last(approval.NAME)
    assert record is not None
    approval.undo(context(shop), record)
    assert list((Path.home() / ".local/share/direnv/allow").iterdir()) == []


@pytest.mark.parametrize("name", ["a$b", 'a"b', "a`b", "a b é"])
def test_approval_when_direnv_cannot_load_such_a_folder_then_says_what_helps(
    tmp_path: Path, name: str
) -> None:
    """Doctor and the plan say so too: `direnv allow` would lead from one error to the next."""
    root = tmp_path / name
    root.mkdir()
    (root / ".envrc").write_text("export OWN=1\n")
    subprocess.run(["direnv", "allow", root / ".envrc"], check=True, capture_output=True)
    can_load = direnv_loads(root) == "1"
    found = engine.find(approval.step(), context(root))
    renamed = shlex.join(["mv", str(root), str(tmp_path / "a_b")])
    assert found.hint == ("" if can_load else renamed), found.detail
    assert ("cannot load a folder with" in found.detail) is not can_load


def test_approval_when_given_then_the_file_is_younger(shop: Path) -> None:
    """Whole seconds count for direnv: the approved file is younger than any earlier look at it."""
    apply(shop)
    before = int((shop / ".envrc").stat().st_mtime)
    approval.apply(context(shop))
    assert int((shop / ".envrc").stat().st_mtime) > before


def test_approval_when_the_file_changed_since_then_shows_the_difference(shop: Path) -> None:
    """A `git pull` that brought another .envrc is seen before it may run."""
    apply(shop)
    approval.apply(context(shop))
    (shop / ".envrc").write_text("curl evil.example\n")
    shown: list[str] = []
    with pytest.raises(UsageError):
        approval.apply(context(shop, yes=False, show=shown.append, confirm=lambda _: False))
    assert "+curl evil.example" in shown[0]
    assert direnv_loads(shop) == ""


def test_approval_when_the_difference_was_agreed_to_then_asks_nothing(shop: Path) -> None:
    """A yes to the change of an approved file is a yes to running it; an edit in between is not covered."""
    apply(shop)
    approval.apply(context(shop))
    change_fragment(shop, "export OWN=2\n")
    apply(shop)
    approval.apply(context(shop, yes=False, confirm=lambda _: False))
    assert direnv_loads(shop) == "2"
    change_fragment(shop, "export OWN=3\n")
    apply(shop)
    (shop / ".envrc").write_text("export OWN=4\n")
    with pytest.raises(UsageError):
        approval.apply(context(shop, yes=False, confirm=lambda _: False))


def test_approval_when_the_file_changes_while_asking_then_refuses(shop: Path) -> None:
    """Only the text that was shown is approved."""
    apply(shop)

    def changing(_: str) -> bool:
        (shop / ".envrc").write_text("export OWN=evil\n")
        return True

    with pytest.raises(MachineError):
        approval.apply(context(shop, confirm=changing))
    assert direnv_loads(shop) == ""


def test_approval_when_there_is_no_envrc_then_never_approves_the_parents(shop: Path) -> None:
    """`direnv allow` in a folder without .envrc would approve the parent's: it is never called so."""
    (shop.parent / ".envrc").write_text("export PARENT=1\n")
    assert approval.check(context(shop)).state is State.CHANGE
    with pytest.raises((MachineError, OSError)):
        approval.apply(context(shop))
    assert not (Path.home() / ".local/share/direnv/allow").exists()


def test_approval_when_direnv_cannot_load_the_folder_then_says_so(tmp_path: Path) -> None:
    """A direnv that takes `$x` in a path for a variable is named, before a `cd` that does nothing."""
    root = tmp_path / "a $hop"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/60-own.sh").write_text("export OWN=1\n")
    apply(root)
    with contextlib.suppress(MachineError):
        approval.apply(context(root))
    assert (direnv_loads(root) == "1") is allow.is_allowed(root / ".envrc")
