"""`direnv watch` and the answer kept from it: every change is noticed once, and nothing loads without one."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.root import needs_root
from support.sts_gate import Gate
from support.terminals import (
    OLD_BASH,
    PATIENCE_SECONDS,
    SHELLS,
    Rendered,
    Terminal,
    needs_old_bash,
    put_first,
)

WATCHED = (".env", "envrc.d/roles.toml", "project.snapshot", "dev.env")
LONG_AGO, LATER = 1_700_000_000, 1_700_000_100  # both before any answer is kept
HUGE = 400_000


@dataclass
class Prompt:
    """A shell with direnv's hook: what `direnv export` prints goes into the environment of the next call."""

    rendered: Rendered
    environ: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    def is_loading(self) -> bool:
        """Come to the next prompt; return whether direnv loaded anything."""
        done = subprocess.run(
            ["direnv", "export", "json"],
            cwd=self.rendered.root,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            start_new_session=True,
            check=True,
        )
        assert "unbound variable" not in done.stderr
        for name, value in json.loads(done.stdout or "{}").items():
            self.environ.pop(name, None)
            if value is not None:
                self.environ[name] = value
        return bool(done.stdout)

    def settle(self) -> None:
        """Come to prompts until nothing loads any more."""
        assert any(not self.is_loading() for _ in range(3))

    def reenter(self) -> None:
        """Enter from elsewhere, as a new shell does."""
        for name in [name for name in self.environ if name.startswith("DIRENV_")]:
            del self.environ[name]
        assert self.is_loading()

    @property
    def role(self) -> str:
        """The role that this shell holds."""
        return self.environ.get("ROLECALL_ROLE", "")

    @property
    def kept(self) -> Path:
        """What direnv answered last, as it was kept."""
        return self.rendered.folder / "watches/none"

    def has_asked(self, act: Callable[[], object]) -> bool:
        """Do `act`; return whether direnv was asked in it: then its answer was kept anew."""
        os.utime(self.kept, ns=(mark := self.kept.stat().st_mtime_ns, mark))
        act()
        return self.kept.stat().st_mtime_ns != mark


@pytest.fixture
def prompt(rendered: Rendered) -> Prompt:
    """Return a shell that has entered, and whose watched files are all older than the answer kept."""
    entered = Prompt(rendered)
    entered.is_loading()
    for name in WATCHED:
        os.utime(path_of(rendered, name), (LONG_AGO, LONG_AGO))
    entered.settle()
    for name in WATCHED[2:]:  # Python may have written them again
        os.utime(path_of(rendered, name), (LONG_AGO, LONG_AGO))
    entered.settle()
    entered.reenter()
    return entered


def path_of(rendered: Rendered, name: str) -> Path:
    """Return the watched file `name`."""
    folder = rendered.root if name in WATCHED[:2] else rendered.folder
    return folder / name


def edit(path: Path) -> None:
    """Write the same again, now."""
    path.write_text(path.read_text())


def put_back_older(path: Path) -> None:
    """Replace the file by one that is older than the answer, as `cp -p` and `mv` of a backup do."""
    backup = path.with_name(f"{path.name}.backup")
    shutil.copy2(path, backup)
    os.utime(backup, (LATER, LATER))
    backup.replace(path)


def become_a_link(path: Path) -> None:
    """Replace the file by a link to one that has the same time."""
    target = path.with_name(f"{path.name}.{path.is_symlink()}")
    shutil.copy2(path, target)
    path.unlink()
    path.symlink_to(target)


CHANGES = [edit, put_back_older, become_a_link]


# A change is noticed, once


@pytest.mark.parametrize("name", WATCHED)
@pytest.mark.parametrize("change", CHANGES)
def test_prompt_when_a_watched_file_changed_then_loads_once(
    prompt: Prompt, name: str, change: Callable[[Path], None]
) -> None:
    """A file written in the second of the load, put back from a backup, or made a link is noticed once."""
    assert not prompt.is_loading()
    change(path_of(prompt.rendered, name))
    assert prompt.is_loading()
    prompt.settle()
    assert prompt.role == "dev"


@pytest.mark.parametrize("name", WATCHED)
def test_prompt_when_a_link_points_elsewhere_then_loads_once(prompt: Prompt, name: str) -> None:
    """A link that now points to another file of the same time is noticed: direnv looks at the link too."""
    path = path_of(prompt.rendered, name)
    become_a_link(path)
    os.utime(path, (LONG_AGO, LONG_AGO), follow_symlinks=False)
    prompt.is_loading()
    prompt.settle()
    become_a_link(path)
    assert prompt.is_loading()
    prompt.settle()


@pytest.mark.parametrize("name", WATCHED)
def test_prompt_when_a_file_goes_and_comes_back_then_loads_at_each(prompt: Prompt, name: str) -> None:
    """A watched file that is removed, and one that appears with its old time, are noticed once each."""
    path = path_of(prompt.rendered, name)
    away = path.with_name(f"{path.name}.away")
    path.rename(away)
    assert prompt.is_loading()
    prompt.settle()
    path.unlink(missing_ok=True)  # Python may have made it anew
    prompt.is_loading()
    prompt.settle()
    away.replace(path)
    assert prompt.is_loading()
    prompt.settle()


def test_prompt_when_a_file_changed_while_direnv_answered_then_settles(prompt: Prompt) -> None:
    """An answer that was no longer true when it was kept is given up at the next load."""
    session = path_of(prompt.rendered, "dev.env")
    os.utime(session, (LATER, LATER))  # as if edited after direnv looked, and before the answer was kept
    prompt.reenter()
    prompt.settle()


# An answer is kept, and given up at every doubt


def test_enter_when_nothing_changed_then_direnv_is_not_asked(prompt: Prompt) -> None:
    """The warm path takes what direnv answered before, and the next prompt agrees with it."""
    assert not prompt.has_asked(prompt.reenter)
    assert not prompt.is_loading()


def test_enter_when_a_failure_is_remembered_then_direnv_is_not_asked(prompt: Prompt, gate: Gate) -> None:
    """An offline `cd` costs what a warm one does: nothing was tried, so nothing can have changed."""
    gate.mode = "reset"
    path_of(prompt.rendered, "dev.env").unlink()
    for _ in range(2):
        prompt.reenter()
        assert prompt.role == ""
    assert not prompt.has_asked(prompt.reenter)
    assert not prompt.is_loading()


def test_enter_when_direnv_comes_with_another_value_then_it_is_asked(prompt: Prompt) -> None:
    """An answer to another question, here of an `.envrc` approved anew, is not taken."""
    envrc = prompt.rendered.root / ".envrc"
    os.utime(envrc, (LATER, LATER))
    assert prompt.has_asked(prompt.reenter)
    assert not prompt.is_loading()


def truncated(text: str) -> str:
    """Cut in the last line, as a full disk does."""
    return text[:-9]


def without_last(text: str) -> str:
    """Without the answer."""
    return "".join(text.splitlines(keepends=True)[:2])


def with_more(text: str) -> str:
    """Two writers at once."""
    return text + text.splitlines()[-1][5:] + "\n"


def with_foreign_letters(text: str) -> str:
    """Not direnv's alphabet."""
    return text[:-9] + "$(id)'\n"


def with_a_huge_tail(text: str) -> str:
    """Megabytes."""
    return text + "x\n" * HUGE


def with_a_huge_head(text: str) -> str:
    """Megabytes, in front."""
    return "x\n" * HUGE + text


def emptied(_: str) -> str:
    """Nothing."""
    return ""


@pytest.mark.parametrize(
    "spoil",
    [truncated, without_last, with_more, with_foreign_letters, with_a_huge_tail, with_a_huge_head, emptied],
)
def test_enter_when_the_kept_answer_is_spoilt_then_direnv_is_asked(
    prompt: Prompt, spoil: Callable[[str], str]
) -> None:
    """Whatever is wrong with the file, direnv is asked and the file is right again."""
    good = prompt.kept.read_text()
    prompt.kept.write_text(spoil(good))
    assert prompt.has_asked(prompt.reenter)
    assert not prompt.is_loading()
    assert prompt.kept.read_text() == good


def test_prompt_when_the_kept_answer_is_no_answer_then_settles(prompt: Prompt) -> None:
    """An answer in the right letters that direnv cannot read costs one load, not one at each prompt."""
    lines = prompt.kept.read_text().splitlines()
    prompt.kept.write_text("\n".join([*lines[:2], "eJxGarbage", ""]))
    prompt.reenter()
    prompt.settle()


@needs_root
def test_enter_when_the_kept_answer_is_somebody_elses_then_direnv_is_asked(prompt: Prompt) -> None:
    """A file of another user decides nothing."""
    lines = prompt.kept.read_text().splitlines()
    prompt.kept.write_text("\n".join([*lines[:2], "eJxForeign", ""]))
    os.chown(prompt.kept, 65534, 65534)
    prompt.reenter()
    assert prompt.environ["DIRENV_WATCHES"] == lines[2]
    assert not prompt.is_loading()


def test_enter_when_the_kept_answer_cannot_be_written_then_says_nothing(prompt: Prompt) -> None:
    """A folder in its place is no reason to complain."""
    prompt.kept.unlink()
    prompt.kept.mkdir()
    prompt.reenter()
    assert not prompt.is_loading()


def test_terminals_when_two_enter_then_each_keeps_an_answer_of_its_own(
    rendered: Rendered, open_terminal: Callable[[str], Terminal]
) -> None:
    """The file of a terminal's choice is watched by that terminal alone."""
    terminals = [open_terminal(shell) for shell in SHELLS[:2]]
    for terminal in terminals:
        for folder in (rendered.root, "/", rendered.root):
            terminal.run(f"cd '{folder}'")
    kept = {path.name: path.read_text() for path in (rendered.folder / "watches").iterdir()}
    assert len(kept) == 2
    assert all(f"terminals/{name} " in text for name, text in kept.items())
    terminals[0].run("invoke assume --role prod")
    assert [terminal.value("ROLECALL_ROLE") for terminal in terminals] == ["prod", "dev"]


@needs_old_bash
@pytest.mark.parametrize("name", WATCHED)
@pytest.mark.parametrize("change", CHANGES)
def test_prompt_when_bash_is_3_2_then_loads_once(
    rendered: Rendered, home: Path, name: str, change: Callable[[Path], None]
) -> None:
    """A bash that compares whole seconds notices the same changes."""
    put_first(OLD_BASH, home)
    entered = Prompt(rendered)
    entered.is_loading()
    entered.settle()
    change(path_of(rendered, name))
    for follow in (True, False):
        os.utime(path_of(rendered, name), (LATER, LATER), follow_symlinks=follow)
    assert entered.is_loading()
    entered.settle()
    assert entered.role == "dev"
