"""The steps `envrc` and `approval`: rendered, merged, approved; a person's edits never lost."""

import contextlib
import os
import subprocess
from pathlib import Path

import pytest

from rolecall.errors import ConfigError, MachineError, UsageError
from rolecall.workstation import templates
from rolecall.workstation.envrc import approval
from rolecall.workstation.envrc import step as envrc
from rolecall.workstation.steps import step as steps
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context, State

OURS = "# Rendered by rolecall; change envrc.d/ or templates/ and run: invoke render\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Make a project with one fragment of its own."""
    root = tmp_path / "a 'shop' & ümlaut"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/60-own.sh").write_text("export OWN=1\n\n\n\nexport OTHER=1\n")
    return root


def context(root: Path, *, yes: bool = True, on_edit: str = "", **more: object) -> Context:
    answers = Answers(yes=yes, on_edit=on_edit)
    return Context(root, answers, journal=Journal(root, os.environ).append, **more)  # type: ignore[arg-type] # said by the tests


def apply(root: Path, *, on_edit: str = "") -> str:
    envrc.apply(context(root, on_edit=on_edit))
    assert envrc.check(context(root, on_edit=on_edit)).state is State.DONE
    return (root / ".envrc").read_text()


def change_fragment(root: Path, text: str) -> None:
    (root / "envrc.d/60-own.sh").write_text(text)


def test_apply_renders_every_fragment_inline(shop: Path) -> None:
    """The file is marked, holds our fragments and the project's own, and names no absolute path."""
    text = apply(shop)
    assert text.startswith(OURS)
    assert "export OWN=1" in text
    assert "# --- envrc.d/50-session.sh" in text
    assert str(shop) not in text


def test_apply_takes_the_projects_own_fragment_for_a_shipped_one(shop: Path) -> None:
    """Same name, own text."""
    (shop / "envrc.d/20-project.sh").write_text("export MINE=1\n")
    text = apply(shop)
    assert text.count("# --- envrc.d/20-project.sh") == 1
    assert "export MINE=1" in text


def test_apply_again_writes_nothing(shop: Path) -> None:
    """An unchanged `.envrc` keeps its time, so no shell reloads."""
    apply(shop)
    os.utime(shop / ".envrc", (1, 1))
    apply(shop)
    # apply of an up-to-date file is not even called by the engine; called all the same, it writes nothing
    assert (shop / ".envrc").stat().st_mtime == 1


def test_apply_of_a_change_shows_the_difference_first(shop: Path) -> None:
    """The person sees the lines before saying yes; a no leaves the file."""
    before = apply(shop)
    change_fragment(shop, "export OWN=2\n")
    shown: list[str] = []
    with pytest.raises(UsageError):
        envrc.apply(context(shop, yes=False, show=shown.append, confirm=lambda _: False))
    assert "-export OWN=1" in shown[0]
    assert "+export OWN=2" in shown[0]
    assert (shop / ".envrc").read_text() == before


def test_apply_merges_an_edit_with_a_change_elsewhere(shop: Path) -> None:
    """A line that the person added stays where it is, and the change arrives."""
    edited = apply(shop).replace("export OWN=1", "export OWN=1\nexport MINE=1")
    (shop / ".envrc").write_text(edited)
    assert envrc.check(context(shop)).state is State.DONE
    change_fragment(shop, "export OWN=1\n\n\n\nexport OTHER=2\n")
    text = apply(shop)
    assert "export MINE=1" in text
    assert "export OTHER=2" in text
    assert "<<<<" not in text


def test_apply_killed_between_file_and_base_merges_the_same_again(shop: Path) -> None:
    """The base is written last: the second run finds nothing to do, and the edit is still there."""
    edited = apply(shop).replace("export OWN=1", "export OWN=1\nexport MINE=1")
    (shop / ".envrc").write_text(edited)
    base = Journal(shop, os.environ).folder / "envrc.base"
    old_base = base.read_text()
    change_fragment(shop, "export OWN=1\n\n\n\nexport OTHER=2\n")
    once = apply(shop)
    base.write_text(old_base)
    assert apply(shop) == once


def test_apply_of_a_conflict_stops_and_names_the_choices(shop: Path) -> None:
    """The same line changed on both sides is for a person to decide; nothing is written."""
    edited = apply(shop).replace("export OWN=1", "export OWN=mine")
    (shop / ".envrc").write_text(edited)
    change_fragment(shop, "export OWN=theirs\n")
    with pytest.raises(ConfigError) as caught:
        envrc.apply(context(shop))
    assert "--on-edit" in caught.value.hint
    assert (shop / ".envrc").read_text() == edited


def test_apply_with_replace_keeps_the_edited_file_aside(shop: Path) -> None:
    """What is replaced lies where the message says."""
    edited = apply(shop).replace("export OWN=1", "export OWN=mine")
    (shop / ".envrc").write_text(edited)
    change_fragment(shop, "export OWN=theirs\n")
    assert "mine" not in apply(shop, on_edit="replace")
    assert (shop / ".envrc.before-rolecall").read_text() == edited


def test_apply_with_keep_leaves_the_edited_file(shop: Path) -> None:
    """`--on-edit keep` is a decision too."""
    edited = apply(shop).replace("export OWN=1", "export OWN=mine")
    (shop / ".envrc").write_text(edited)
    change_fragment(shop, "export OWN=theirs\n")
    assert apply(shop, on_edit="keep") == edited


def test_apply_over_a_foreign_file_needs_a_decision(shop: Path) -> None:
    """An `.envrc` of the time before rolecall is not replaced by --yes alone."""
    (shop / ".envrc").write_text("export BEFORE=1\n")
    with pytest.raises(ConfigError):
        envrc.apply(context(shop))
    assert (shop / ".envrc").read_text() == "export BEFORE=1\n"


def test_undo_puts_a_foreign_file_back(shop: Path) -> None:
    """Teardown leaves the `.envrc` of before, to the byte, with its mode."""
    (shop / ".envrc").write_text("export BEFORE=1\n")
    (shop / ".envrc").chmod(0o640)
    apply(shop, on_edit="replace")
    undo_all(shop)
    assert (shop / ".envrc").read_text() == "export BEFORE=1\n"
    assert (shop / ".envrc").stat().st_mode & 0o777 == 0o640
    assert not (shop / ".envrc.before-rolecall").exists()


def test_apply_over_a_foreign_file_asks_once_and_keeps_a_link_a_link(shop: Path) -> None:
    """One question, what goes is shown, and undo gives back the very link."""
    (shop / "dotfiles").write_text("export BEFORE=1\n")
    (shop / ".envrc").symlink_to("dotfiles")
    asked: list[str] = []
    shown: list[str] = []

    def confirm(question: str) -> bool:
        asked.append(question)
        return True

    envrc.apply(context(shop, yes=False, show=shown.append, confirm=confirm))
    assert len(asked) == 1
    assert shown[0].startswith("-export BEFORE=1\n+(")
    assert (shop / "dotfiles").read_text() == "export BEFORE=1\n"
    undo_all(shop)
    assert (shop / ".envrc").readlink() == Path("dotfiles")


def test_undo_keeps_a_file_that_was_edited_since(shop: Path) -> None:
    """An edit is never thrown away."""
    edited = apply(shop) + "export MINE=1\n"
    (shop / ".envrc").write_text(edited)
    undo_all(shop)
    assert (shop / ".envrc").read_text() == edited


def test_undo_removes_a_file_that_is_as_rendered(shop: Path) -> None:
    """Ours goes."""
    apply(shop)
    undo_all(shop)
    assert not (shop / ".envrc").exists()


def undo_all(root: Path) -> None:
    for record in reversed(Journal(root, os.environ).read()):
        if record.step == envrc.NAME:
            envrc.undo(context(root), record)


def test_rendered_file_when_touched_is_known_as_edited(shop: Path) -> None:
    """The digest at its top covers every byte below."""
    text = apply(shop)
    assert templates.is_unedited(text)
    assert not templates.is_unedited(text + " ")
    assert not templates.is_unedited(text.replace("OWN", "NOW"))
    assert templates.is_ours(text + " ")


@pytest.mark.parametrize(
    ("template", "told"),
    [("{{ nothing }}", "nothing"), ("{% if %}", "envrc.j2:1"), ("{{ key | shel }}", "shel")],
    ids=["undefined", "syntax", "filter"],
)
def test_render_of_a_broken_template_names_it(shop: Path, template: str, told: str) -> None:
    """A mistake in the project's own template is its own, and says where."""
    (shop / "templates").mkdir()
    (shop / "templates/envrc.j2").write_text(template)
    with pytest.raises(ConfigError) as caught:
        templates.envrc(shop)
    assert told in caught.value.message


def direnv_loads(root: Path) -> str:
    done = subprocess.run(
        ["direnv", "exec", root, "printenv", "OWN"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def test_approval_is_for_this_content_of_this_path_only(shop: Path) -> None:
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


def test_approval_moves_the_files_time_for_shells_that_looked_this_second(shop: Path) -> None:
    """Whole seconds count for direnv: the approved file is younger than any earlier look at it."""
    apply(shop)
    before = int((shop / ".envrc").stat().st_mtime)
    approval.apply(context(shop))
    assert int((shop / ".envrc").stat().st_mtime) > before


def test_approval_shows_what_changed_since_the_last_one(shop: Path) -> None:
    """A `git pull` that brought another .envrc is seen before it may run."""
    apply(shop)
    approval.apply(context(shop))
    (shop / ".envrc").write_text("curl evil.example\n")
    shown: list[str] = []
    with pytest.raises(UsageError):
        approval.apply(context(shop, yes=False, show=shown.append, confirm=lambda _: False))
    assert "+curl evil.example" in shown[0]
    assert direnv_loads(shop) == ""


def test_approval_asks_once_where_the_difference_was_just_agreed_to(shop: Path) -> None:
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


def test_approval_refuses_what_changed_while_the_person_read(shop: Path) -> None:
    """Only the text that was shown is approved."""
    apply(shop)

    def changing(_: str) -> bool:
        (shop / ".envrc").write_text("export OWN=evil\n")
        return True

    with pytest.raises(MachineError):
        approval.apply(context(shop, confirm=changing))
    assert direnv_loads(shop) == ""


def test_approval_never_reaches_a_parents_file(shop: Path) -> None:
    """`direnv allow` in a folder without .envrc would approve the parent's: it is never called so."""
    (shop.parent / ".envrc").write_text("export PARENT=1\n")
    assert approval.check(context(shop)).state is State.CHANGE
    with pytest.raises((MachineError, OSError)):
        approval.apply(context(shop))
    assert not (Path.home() / ".local/share/direnv/allow").exists()


def test_approval_in_a_folder_that_this_direnv_cannot_enter_says_so(tmp_path: Path) -> None:
    """A direnv that takes `$x` in a path for a variable is named, before a `cd` that does nothing."""
    root = tmp_path / "a $hop"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/60-own.sh").write_text("export OWN=1\n")
    apply(root)
    with contextlib.suppress(MachineError):
        approval.apply(context(root))
    assert (direnv_loads(root) == "1") is approval.is_approved(root / ".envrc")


def test_record_is_stamped_in_utc() -> None:
    """A journal line says when, with its zone."""
    assert steps.record("x", a="b").at.endswith("Z")
