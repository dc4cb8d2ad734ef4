"""The step `envrc`: rendered and merged; a person's edits are never lost."""

import os
import subprocess
from pathlib import Path

import pytest

from rolecall.errors import ConfigError, UsageError
from rolecall.workstation.envrc import step as envrc
from rolecall.workstation.envrc import use_line
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import State
from support.envrc_project import apply, change_fragment, context

OURS = "# Rendered by rolecall; change envrc.d/ or templates/ and run: invoke render\n"


# Rendered


def test_apply_when_there_is_no_envrc_then_renders_every_fragment(shop: Path) -> None:
    """The file is marked, holds our fragments and the project's own, and names no absolute path."""
    text = apply(shop)
    assert text.startswith(OURS)
    assert "export OWN=1" in text
    assert "# --- envrc.d/50-session.sh" in text
    assert str(shop) not in text


def test_apply_when_nothing_changed_then_writes_nothing(shop: Path) -> None:
    """An unchanged `.envrc` keeps its time, so no shell reloads."""
    apply(shop)
    os.utime(shop / ".envrc", (1, 1))
    apply(shop)
    # apply of an up-to-date file is not even called by the engine; called all the same, it writes nothing
    assert (shop / ".envrc").stat().st_mtime == 1


def test_apply_when_a_fragment_changed_then_shows_the_difference_first(shop: Path) -> None:
    """The person sees the lines before saying yes; a no leaves the file."""
    before = apply(shop)
    change_fragment(shop, "export OWN=2\n")
    shown: list[str] = []
    with pytest.raises(UsageError):
        envrc.apply(context(shop, yes=False, show=shown.append, confirm=lambda _: False))
    assert "-export OWN=1" in shown[0]
    assert "+export OWN=2" in shown[0]
    assert (shop / ".envrc").read_text() == before


# Edited by a person


def test_apply_when_edit_and_change_are_apart_then_merges_them(shop: Path) -> None:
    """A line that the person added stays where it is, and the change arrives."""
    edited = apply(shop).replace("export OWN=1", "export OWN=1\nexport MINE=1")
    (shop / ".envrc").write_text(edited)
    assert envrc.check(context(shop)).state is State.DONE
    change_fragment(shop, "export OWN=1\n\n\n\nexport OTHER=2\n")
    text = apply(shop)
    assert "export MINE=1" in text
    assert "export OTHER=2" in text
    assert "<<<<" not in text


def test_apply_when_killed_before_the_base_then_merges_the_same_again(shop: Path) -> None:
    """The base is written last: the second run finds nothing to do, and the edit is still there."""
    edited = apply(shop).replace("export OWN=1", "export OWN=1\nexport MINE=1")
    (shop / ".envrc").write_text(edited)
    base = Journal(shop, os.environ).folder / "envrc.base"
    old_base = base.read_text()
    change_fragment(shop, "export OWN=1\n\n\n\nexport OTHER=2\n")
    once = apply(shop)
    base.write_text(old_base)
    assert apply(shop) == once


def test_apply_when_edit_and_change_conflict_then_names_the_choices(shop: Path) -> None:
    """The same line changed on both sides is for a person to decide; nothing is written."""
    edited = apply(shop).replace("export OWN=1", "export OWN=mine")
    (shop / ".envrc").write_text(edited)
    change_fragment(shop, "export OWN=theirs\n")
    with pytest.raises(ConfigError) as caught:
        envrc.apply(context(shop))
    assert "--on-edit" in caught.value.hint
    assert (shop / ".envrc").read_text() == edited


def test_apply_when_told_to_replace_then_keeps_a_copy(shop: Path) -> None:
    """What is replaced lies where the message says."""
    edited = apply(shop).replace("export OWN=1", "export OWN=mine")
    (shop / ".envrc").write_text(edited)
    change_fragment(shop, "export OWN=theirs\n")
    assert "mine" not in apply(shop, on_edit="replace")
    assert (shop / ".envrc.before-rolecall").read_text() == edited


def test_apply_when_told_to_keep_then_leaves_the_edited_file(shop: Path) -> None:
    """`--on-edit keep` is a decision too."""
    edited = apply(shop).replace("export OWN=1", "export OWN=mine")
    (shop / ".envrc").write_text(edited)
    change_fragment(shop, "export OWN=theirs\n")
    assert apply(shop, on_edit="keep") == edited


# Not from rolecall


def test_apply_when_the_file_is_foreign_then_gains_the_line(shop: Path) -> None:
    """An `.envrc` of a person's own keeps its lines; --yes is enough, for nothing is lost."""
    (shop / ".envrc").write_text("export BEFORE=1\n")
    (shop / ".envrc").chmod(0o640)
    assert "would load the role by the line" in envrc.check(context(shop)).detail
    text = apply(shop)
    assert text.startswith("export BEFORE=1\n")
    assert text.endswith(f"\n{use_line.LINE}\n")
    assert (shop / ".envrc").stat().st_mode & 0o777 == 0o640
    undo_all(shop)
    assert (shop / ".envrc").read_text() == "export BEFORE=1\n"
    assert (shop / ".envrc").stat().st_mode & 0o777 == 0o640


def test_apply_when_the_file_has_no_last_line_end_then_undo_gives_it_back_so(shop: Path) -> None:
    """To the byte."""
    (shop / ".envrc").write_text("export BEFORE=1")
    assert "BEFORE=1\n" in apply(shop)
    undo_all(shop)
    assert (shop / ".envrc").read_text() == "export BEFORE=1"


def test_apply_when_the_person_wants_no_line_then_offers_the_other_way(shop: Path) -> None:
    """No to the line, yes to a rendered file: the lines are a fragment, and run."""
    (shop / ".envrc").write_text("export BEFORE=1\n")
    answers = iter([False, True])
    envrc.apply(context(shop, yes=False, confirm=lambda _: next(answers)))
    text = (shop / ".envrc").read_text()
    assert text.startswith(OURS)
    assert "export BEFORE=1" in text
    assert (shop / "envrc.d/60-project.sh").read_text() == "export BEFORE=1\n"
    undo_all(shop)
    assert (shop / ".envrc").read_text() == "export BEFORE=1\n"
    assert not (shop / "envrc.d/60-project.sh").exists()


def test_apply_when_the_person_wants_neither_then_leaves_the_file(shop: Path) -> None:
    """Two times no."""
    (shop / ".envrc").write_text("export BEFORE=1\n")
    with pytest.raises(UsageError):
        envrc.apply(context(shop, yes=False, confirm=lambda _: False))
    assert (shop / ".envrc").read_text() == "export BEFORE=1\n"


def test_apply_when_the_way_changes_then_every_line_survives_there_and_back(shop: Path) -> None:
    """Line to rendered and back, each by one flag; the lines of the file are in every form of it."""
    (shop / ".envrc").write_text("export BEFORE=1\n")
    apply(shop)
    rendered = apply(shop, envrc="rendered")
    assert rendered.startswith(OURS)
    assert rendered.index("envrc.d/50-session.sh") < rendered.index("export BEFORE=1")
    own = apply(shop, envrc="line")
    assert not own.startswith(OURS)
    assert {"export BEFORE=1", "export OWN=1", use_line.LINE} <= set(own.splitlines())
    assert apply(shop) == own
    undo_all(shop)
    assert (shop / ".envrc").read_text() == "export BEFORE=1\n"


def test_apply_when_there_is_none_and_the_line_is_wanted_then_writes_it(shop: Path) -> None:
    """The flag decides also where the default would be a rendered file."""
    assert use_line.LINE in apply(shop, envrc="line").splitlines()
    undo_all(shop)
    assert not (shop / ".envrc").exists()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[[ -t 0 ]] || true\nexit 0\n", "envrc-leaves"),
        ("if true; then\n  X=1 use rolecall\nfi\n", "envrc-use-line"),
    ],
)
def test_apply_when_lines_cannot_be_a_fragment_then_says_so(shop: Path, text: str, code: str) -> None:
    """A fragment that leaves the file early would take rolecall's own end along."""
    (shop / ".envrc").write_text(text)
    with pytest.raises(ConfigError) as caught:
        envrc.apply(context(shop, envrc="rendered"))
    assert caught.value.code == code
    assert (shop / ".envrc").read_text() == text


def test_apply_when_the_file_is_not_text_then_it_is_not_overwritten(shop: Path) -> None:
    """What cannot be read is not absent."""
    (shop / ".envrc").write_bytes(b"# \xff\n")
    with pytest.raises(ConfigError, match="UTF-8"):
        envrc.apply(context(shop))
    assert (shop / ".envrc").read_bytes() == b"# \xff\n"


def test_apply_when_git_tracks_the_file_then_it_is_not_rendered(shop: Path) -> None:
    """No path of this machine gets into git; a line that is committed stays after teardown."""
    (shop / ".envrc").write_text("export BEFORE=1\n")
    git(shop, "init", "-q")
    git(shop, "add", ".envrc")
    with pytest.raises(ConfigError, match="git tracks"):
        envrc.apply(context(shop, envrc="rendered"))
    text = apply(shop)
    assert str(shop) not in text
    git(shop, "commit", "-qam", "Load the role")
    undo_all(shop)
    assert (shop / ".envrc").read_text() == text


def git(root: Path, *words: str) -> None:
    own = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    subprocess.run(["git", *own, *words], cwd=root, check=True, capture_output=True)


def test_undo_when_a_foreign_file_was_replaced_then_puts_it_back(shop: Path) -> None:
    """Teardown leaves the `.envrc` of before, to the byte, with its mode."""
    (shop / ".envrc").write_text("export BEFORE=1\n")
    (shop / ".envrc").chmod(0o640)
    apply(shop, on_edit="replace")
    undo_all(shop)
    assert (shop / ".envrc").read_text() == "export BEFORE=1\n"
    assert (shop / ".envrc").stat().st_mode & 0o777 == 0o640
    assert not (shop / ".envrc.before-rolecall").exists()


def test_apply_when_a_foreign_file_is_a_link_then_asks_once_and_keeps_the_link(shop: Path) -> None:
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
    assert f"+{use_line.LINE}" in shown[0].splitlines()
    assert (shop / ".envrc").is_symlink()
    undo_all(shop)
    assert (shop / "dotfiles").read_text() == "export BEFORE=1\n"
    assert (shop / ".envrc").readlink() == Path("dotfiles")


def test_undo_when_the_file_was_edited_then_keeps_it(shop: Path) -> None:
    """An edit is never thrown away."""
    edited = apply(shop) + "export MINE=1\n"
    (shop / ".envrc").write_text(edited)
    undo_all(shop)
    assert (shop / ".envrc").read_text() == edited


def test_undo_when_the_file_is_as_rendered_then_removes_it(shop: Path) -> None:
    """Ours goes."""
    apply(shop)
    undo_all(shop)
    assert not (shop / ".envrc").exists()


def undo_all(root: Path) -> None:
    for record in reversed(Journal(root, os.environ).read()):
        if record.step == envrc.NAME:
            envrc.undo(context(root), record)


# Wording


@pytest.mark.parametrize(("edit", "said"), [("", "is rendered"), ("export MINE=1\n", "with your edits")])
def test_check_when_nothing_would_change_then_says_what_is_there(shop: Path, edit: str, said: str) -> None:
    """The line fits a file that was made a moment ago as well as an old one."""
    text = apply(shop)
    (shop / ".envrc").write_text(text + edit)
    assert said in envrc.check(context(shop)).detail


def test_apply_when_a_copy_is_there_from_before_then_keeps_both(shop: Path) -> None:
    """The second file that is replaced does not cost the first."""
    for text in ("export BEFORE=1\n", "export BEFORE=2\n", "export BEFORE=3\n"):
        (shop / ".envrc").write_text(text)
        apply(shop, on_edit="replace")
    names = (".envrc.before-rolecall", ".envrc.before-rolecall.2", ".envrc.before-rolecall.3")
    assert [(shop / name).read_text()[-2] for name in names] == ["1", "2", "3"]
