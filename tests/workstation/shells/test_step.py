"""The rc block: into every kind of rc file, through real shells, and out again to the byte."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rolecall.errors import MachineError
from rolecall.workstation.proof import pty_shell
from rolecall.workstation.shells import block, body, dialects
from rolecall.workstation.shells import step as shells
from rolecall.workstation.shells.dialects import DIALECTS
from rolecall.workstation.steps import engine
from rolecall.workstation.steps.engine import Kind
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Context, Record, State, Step

HOOK_BASH = 'eval "$(direnv hook bash)"\n'
STARTED_SECONDS = 30


@dataclass
class Machine:
    """A home, its journal, and the steps of its shells."""

    context: Context
    journal: list[Record] = field(default_factory=list)

    def step(self, shell: str) -> Step:
        """Return the step of one shell."""
        return next(step for step in shells.every_step(self.context) if step.name == f"shell-{shell}")

    def apply(self, shell: str = "bash") -> None:
        """Wire one shell."""
        self.step(shell).apply(self.context)

    def undo(self) -> list[str]:
        """Take back everything, the latest first."""
        said = [self.step("bash").undo(self.context, record) for record in reversed(self.journal)]
        self.journal.clear()
        return said


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Make a machine whose user has bash as login shell."""
    monkeypatch.setenv("SHELL", shutil.which("bash") or "bash")
    records: list[Record] = []
    return Machine(Context(tmp_path, journal=records.append), records)


def tree(home: Path) -> dict[str, bytes | str]:
    """Return every file under `home`, byte for byte; folders and links too."""
    return {
        str(path.relative_to(home)): str(path.readlink())
        if path.is_symlink()
        else (path.read_bytes() if path.is_file() else "folder")
        for path in home.rglob("*")
    }


CONTENTS = {
    "absent": None,
    "empty": b"",
    "plain": b"alias ll='ls -l'\n",
    "no-newline-at-end": b"alias ll='ls -l'",
    "crlf": b"alias ll='ls -l'\r\nexport A=b\r\n",
    "crlf-no-newline": b"export A=b\r",
    "latin-1": b"# caf\xe9\nexport NAME='Jos\xe9'\n",
    "nul": b"a=1\n\x00\n",
    "bom": b"\xef\xbb\xbf# hello\n",
    "blank-lines": b"\n\n\n",
    "has-hook": HOOK_BASH.encode(),
    "other-markers": b"# >>> conda initialize >>>\n# <<< conda initialize <<<\n",
}


# The block in a startup file


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_rc_file_when_applied_and_undone_then_is_the_same_to_the_byte(
    machine: Machine, home: Path, content: bytes | None
) -> None:
    """Whatever the file holds: the block comes after it, a second run is done, undo restores every byte."""
    rc = home / ".bashrc"
    if content is not None:
        rc.write_bytes(content)
        rc.chmod(0o600)
    before = tree(home)
    machine.apply()
    assert rc.read_bytes().startswith(content or b"")
    assert rc.read_bytes().count(b"# >>> rolecall >>>") == 1
    assert machine.step("bash").check(machine.context).state is State.DONE
    machine.apply()
    assert len(machine.journal) == 1
    machine.undo()
    assert tree(home) == before
    assert content is None or rc.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh"])
def test_shell_when_the_home_is_empty_then_files_are_made_and_removed(
    machine: Machine, home: Path, shell: str
) -> None:
    """Files and folders that were made for the block go with it."""
    before = tree(home)
    machine.apply(shell)
    assert DIALECTS[shell].rc_file(machine.context.environ).is_file()
    machine.undo()
    assert tree(home) == before


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_block_when_a_real_shell_reads_it_then_renewal_comes_before_the_hook(
    machine: Machine, home: Path, tmp_path: Path, shell: str
) -> None:
    """A fresh interactive shell has direnv's hook, and complains about nothing."""
    machine.apply(shell)
    seen = tmp_path / "seen"
    asked = {
        "bash": f'printf "%s" "${{PROMPT_COMMAND[*]}}" > {seen}.part; mv {seen}.part {seen}',
        "zsh": f'printf "%s" "$precmd_functions" > {seen}.part; mv {seen}.part {seen}',
        "fish": f"functions -n -a > {seen}.part; mv {seen}.part {seen}",
    }[shell]
    argv = [shell, "-i"] if shell != "fish" else [shell, "--private", "-i"]
    with pty_shell.opened(argv, environ={**os.environ, "TERM": "xterm"}, folder=tmp_path) as opened:
        opened.type(asked)
        assert opened.wait(seen.exists, seconds=STARTED_SECONDS), opened.shown
        assert "error" not in opened.shown.lower()
    text = seen.read_text()
    names = (
        ("_rolecall_prompt", "__direnv_export_eval") if shell == "fish" else ("_rolecall_pr", "_direnv_hook")
    )
    assert all(name in text for name in names)
    if shell != "fish":
        assert text.index(names[0]) < text.index(names[1])


@pytest.mark.parametrize("option", ["ksh_arrays", "sh_word_split", "extended_glob", "sh_glob", "nounset"])
def test_block_when_zsh_has_an_option_then_the_hooks_of_others_stay(
    machine: Machine, home: Path, option: str
) -> None:
    """With ksh_arrays an array's name means its first element; every hook is still there afterwards."""
    (home / ".zshrc").write_text(
        f"precmd_functions=(one two)\npreexec_functions=(three four)\nsetopt {option}\n"
    )
    machine.apply("zsh")
    shown = 'print -r -- "<${precmd_functions[*]}>${preexec_functions[*]}>$(setopt)"'
    done = subprocess.run(["zsh", "-ic", shown], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    precmd, preexec, options = done.stdout.rpartition("<")[2].split(">")
    assert precmd.split() == ["_rolecall_precmd", "_direnv_hook", "one", "two"]
    assert preexec.split() == ["_rolecall_preexec", "three", "four"]
    assert option.replace("_", "") in options or option == "nounset"


@pytest.mark.parametrize(
    ("files", "shell"),
    [
        ({".bashrc": HOOK_BASH}, "bash"),
        ({".bashrc": 'command -v direnv >/dev/null && eval "$(direnv hook bash)"\n'}, "bash"),
        ({".bashrc": "plugins=(git direnv)\n"}, "bash"),
        ({".bashrc": ". ~/.bash_extra\n", ".bash_extra": HOOK_BASH}, "bash"),
        ({".zshrc": "plugins=(\n  git\n  direnv\n)\nsource $ZSH/oh-my-zsh.sh\n"}, "zsh"),
        ({".zshrc": "_evalcache direnv hook zsh\n"}, "zsh"),
        ({".config/fish/config.fish": "direnv hook fish | source\n"}, "fish"),
        ({".config/fish/conf.d/direnv.fish": "direnv hook fish | source\n"}, "fish"),
        ({".tcshrc": "eval `direnv hook tcsh`\n"}, "tcsh"),
    ],
)
def test_block_when_a_hook_is_active_then_has_none(
    machine: Machine, home: Path, files: dict[str, str], shell: str
) -> None:
    """Direnv's hook line is in the block only where no file of that shell has it."""
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    text = body.text(DIALECTS[shell], machine.context)
    assert "direnv hook" not in text
    assert "_rolecall_prompt" in text or "_rolecall_precmd" in text


@pytest.mark.parametrize(
    "line", ['# eval "$(direnv hook bash)"\n', "alias d='direnv status'\n", "plugins=(git)\n"]
)
def test_block_when_the_hook_is_only_mentioned_then_has_it(machine: Machine, home: Path, line: str) -> None:
    """A comment, or another use of direnv, is no hook."""
    (home / ".bashrc").write_text(line)
    assert "direnv hook bash" in body.text(DIALECTS["bash"], machine.context)


def test_block_when_an_older_one_is_there_then_replaces_it_in_place(machine: Machine, home: Path) -> None:
    """An upgrade changes the block where it stands; what surrounds it stays."""
    rc = home / ".bashrc"
    rc.write_text("before\n" + block.wrapped("old body\n") + "after\n")
    machine.apply()
    text = rc.read_text()
    assert text.startswith("before\n# >>> rolecall >>>")
    assert text.endswith("# <<< rolecall <<<\nafter\n")
    assert "old body" not in text


def test_block_when_edited_by_hand_then_setup_and_teardown_keep_it(machine: Machine, home: Path) -> None:
    """A hash that does not hold means a person changed it: told, never overwritten, never removed."""
    rc = home / ".bashrc"
    machine.apply()
    edited = rc.read_text().replace("# <<< rolecall", "alias mine=true\n# <<< rolecall")
    rc.write_text(edited)
    assert machine.step("bash").check(machine.context).state is State.DONE
    assert "edited since" in machine.undo()[0]
    assert rc.read_text() == edited


# Undo


def test_undo_when_lines_follow_the_block_then_keeps_them(machine: Machine, home: Path) -> None:
    """What the person wrote below stays a line of its own, also where the file had no newline at its end."""
    rc = home / ".bashrc"
    rc.write_text("alias a=b")
    machine.apply()
    with rc.open("a") as file:
        file.write("alias c=d\n")
    machine.undo()
    assert rc.read_text() == "alias a=b\nalias c=d\n"


def test_undo_when_the_person_filled_our_file_then_keeps_it(machine: Machine, home: Path) -> None:
    """A file we made is removed only while nothing else is in it."""
    machine.apply()
    with (home / ".bashrc").open("a") as file:
        file.write("alias c=d\n")
    machine.undo()
    assert (home / ".bashrc").read_text() == "alias c=d\n"


def test_undo_when_the_block_is_gone_then_says_so(machine: Machine, home: Path) -> None:
    """Undo of what is gone is no error."""
    (home / ".bashrc").write_text("alias a=b\n")
    machine.apply()
    records = list(machine.journal)
    machine.undo()
    machine.journal.extend(records)
    assert "no longer has a rolecall block" in machine.undo()[0]


# Files that need care: links, owners, modes


def untouchable(kind: str, home: Path) -> Path:
    rc = home / ".bashrc"
    other = home / "dotfiles"
    match kind:
        case "read-only":
            rc.write_text("a=1\n")
            rc.chmod(0o444)
        case "folder":
            rc.mkdir()
        case "dangling":
            rc.symlink_to(other)
        case "fifo":
            os.mkfifo(other)
            rc.symlink_to(other)
        case "foreign":
            other.write_text("a=1\n")
            os.chown(other, 12345, 12345)
            rc.symlink_to(other)
        case "two":
            rc.write_text(block.wrapped("a\n") + block.wrapped("b\n"))
        case "half":
            rc.write_text("a=1\n# >>> rolecall >>> 0123\nb=2\n")
        case "end-first":
            rc.write_text("# <<< rolecall <<<\n# >>> rolecall >>> 0123\n")
    return rc


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("read-only", "read-only"),
        ("folder", "not a regular file"),
        ("dangling", "does not exist"),
        ("fifo", "not a regular file"),
        ("foreign", "belongs to someone else"),
        ("two", "2 rolecall blocks"),
        ("half", "half a rolecall block"),
        ("end-first", "half a rolecall block"),
    ],
)
def test_rc_file_when_it_cannot_be_edited_then_names_the_line_to_add(
    machine: Machine, home: Path, kind: str, reason: str
) -> None:
    """The reason, and the one line to add by hand; once that is there, the step is done."""
    if kind == "foreign" and os.geteuid() != 0:
        pytest.skip("giving a file away needs root")
    rc = untouchable(kind, home)
    before = tree(home) if kind != "fifo" else {}
    found = machine.step("bash").check(machine.context)
    assert found.state is State.UNKNOWN
    assert reason in found.detail
    with pytest.raises(MachineError, match=reason) as caught:
        machine.apply()
    after = {
        name: text for name, text in (tree(home) if before else {}).items() if not name.startswith(".local")
    }
    assert after == before
    line = caught.value.hint
    assert line.startswith(". ")
    if kind in ("half", "read-only"):
        rc.chmod(0o644)
        rc.write_text("# a person's own\n" + line + "\n")
        rc.chmod(0o444)
        assert machine.step("bash").check(machine.context).state is State.DONE
        said = subprocess.run(
            ["bash", "-ic", "declare -F _direnv_hook _rolecall_prompt"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout.split() == ["_direnv_hook", "_rolecall_prompt"]


def test_rc_file_when_it_is_a_link_then_its_target_is_edited(machine: Machine, home: Path) -> None:
    """Dotfiles in a repository: the target gets the block, the link is not replaced, and it is said."""
    real = home / "dotfiles/bashrc"
    real.parent.mkdir()
    real.write_text("a=1\n")
    (home / ".bashrc").symlink_to(real)
    before = tree(home)
    assert str(real).replace(str(home), "~") in machine.step("bash").check(machine.context).detail
    machine.apply()
    assert (home / ".bashrc").is_symlink()
    assert block.find(real.read_text())
    machine.undo()
    assert tree(home) == before


# The file that each shell really reads


@pytest.mark.parametrize("where", ["environ", "zshenv"])
def test_zsh_when_zdotdir_is_set_then_its_zshrc_is_edited(
    machine: Machine, home: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """ZDOTDIR counts whether it is exported or set in .zshenv, and may have spaces."""
    folder = home / "my zsh files"
    folder.mkdir()
    if where == "environ":
        monkeypatch.setenv("ZDOTDIR", str(folder))
    else:
        (home / ".zshenv").write_text('ZDOTDIR="$HOME/my zsh files"\n')
    machine.apply("zsh")
    assert "direnv hook zsh" in (folder / ".zshrc").read_text()
    assert not (home / ".zshrc").exists()


@pytest.mark.parametrize(
    ("files", "touched"),
    [
        ({}, None),
        ({".profile": ". ~/.bashrc\n"}, None),
        ({".bash_profile": "export A=1\n"}, ".bash_profile"),
        ({".bash_profile": "export A=1\n", ".profile": ". ~/.bashrc\n"}, ".bash_profile"),
        ({".bash_login": "export A=1\n"}, ".bash_login"),
        ({".profile": "export A=1\n"}, ".profile"),
        ({".profile": "# reads no .bashrc\n"}, ".profile"),
    ],
    ids=["none", "debian", "profile-of-bash", "hides-profile", "login", "plain-profile", "only-mentioned"],
)
def test_bash_when_a_login_file_hides_bashrc_then_it_reads_bashrc(
    machine: Machine, home: Path, files: dict[str, str], touched: str | None
) -> None:
    """A login bash (macOS terminals, tmux, ssh) has the hook too; sh still reads the same file in peace."""
    for name, text in files.items():
        (home / name).write_text(text)
    before = tree(home)
    machine.apply()
    changed = {name for name, text in tree(home).items() if before.get(name) != text} - {".bashrc"}
    assert changed == ({touched} if touched else set())
    if touched:
        said = subprocess.run(
            ["bash", "-l", "-i", "-c", "declare -F _direnv_hook"], capture_output=True, text=True, check=False
        )
        assert said.stdout.strip() == "_direnv_hook"
        for plain in ("dash", "bash"):
            assert subprocess.run([plain, str(home / touched)], capture_output=True, check=True).stderr == b""
    assert machine.step("bash").check(machine.context).state is State.DONE
    machine.undo()
    assert tree(home) == before


def test_bash_when_macos_has_no_login_file_then_gets_one(
    machine: Machine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Terminal starts login shells there, which would read nothing else."""
    darwin = os.uname_result(("Darwin", "mac", "23", "", "arm64"))
    monkeypatch.setattr(os, "uname", lambda: darwin)
    machine.apply()
    assert "bashrc" in (home / ".bash_profile").read_text()


# Which shells are set up


def test_wiring_when_rolecall_writes_nothing_for_the_shell_then_names_the_line(
    machine: Machine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elvish and others are told what to add, and hold up nothing."""
    monkeypatch.setenv("SHELL", "/usr/bin/elvish")
    step = shells.wiring(machine.context)[0]
    assert step.name == "shell-elvish"
    found = step.check(machine.context)
    assert found.state is State.UNKNOWN
    assert "add to ~/.config/elvish/rc.elv yourself: use direnv" in found.detail
    assert "does not renew its role" in found.detail
    (outcome,) = engine.apply([step], machine.context, Journal(machine.context.root, os.environ))
    assert (outcome.kind, outcome.hint) == (Kind.SKIPPED, "")  # nothing was done; the line is in the detail
    assert machine.journal == []
    rc = home / ".config/elvish/rc.elv"
    rc.parent.mkdir(parents=True)
    rc.write_text("use direnv\n")
    assert step.check(machine.context).state is State.DONE
    assert (
        "does not renew its role by itself there (try: direnv reload)" in step.check(machine.context).detail
    )


@pytest.mark.parametrize("shell", ["/bin/sh", "/usr/sbin/nologin", "/bin/dash"])
def test_wiring_when_the_login_shell_has_no_hook_then_takes_the_installed_ones(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
    """Containers and service users: what is installed is wired, nothing is asked of sh."""
    monkeypatch.setenv("SHELL", shell)
    assert [step.name for step in shells.wiring(machine.context)] == ["shell-bash", "shell-zsh", "shell-fish"]


def test_wiring_when_the_user_has_no_entry_then_takes_the_installed_shells(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`docker run --user 1234`: no name, no shell, no crash."""

    def nobody(_: int) -> object:
        raise KeyError

    monkeypatch.delenv("SHELL")
    monkeypatch.setattr("pwd.getpwuid", nobody)
    assert len(shells.wiring(machine.context)) == 3


def test_wiring_when_csh_is_the_login_shell_then_tcsh_is_first_and_required(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's own shell must work; the other installed ones may fail without stopping setup."""
    monkeypatch.setenv("SHELL", "/bin/csh")
    wired = shells.wiring(machine.context)
    assert [step.name for step in wired] == ["shell-tcsh", "shell-bash", "shell-zsh", "shell-fish"]
    assert [step.optional for step in wired] == [False, True, True, True]


# PATH, the plan, and tcsh


def test_block_when_direnv_is_in_the_users_own_folder_then_puts_it_on_path(
    machine: Machine, home: Path, tmp_path: Path
) -> None:
    """A new shell whose PATH lacks ~/.local/bin finds the direnv that setup put there."""
    own = home / ".local/bin"
    own.mkdir(parents=True)
    real = shutil.which("direnv")
    assert real
    (own / "direnv").symlink_to(real)
    for shell, rest in (("bash", "-ic"), ("zsh", "-ic"), ("fish", "-ic"), ("tcsh", "-c")):
        machine.apply(shell)
        said = subprocess.run(
            [shell, rest, "printenv PATH"], capture_output=True, text=True, check=True, cwd=tmp_path
        ).stdout.strip()
        assert said.splitlines()[-1].split(":")[0] == str(own), shell


def test_check_when_a_file_would_change_then_shows_the_diff_and_writes_nothing(
    machine: Machine, home: Path
) -> None:
    """A plan is a look: the home is the same afterwards, and the diff is what apply would write."""
    (home / ".bashrc").write_text("a=1\n")
    before = tree(home)
    found = machine.step("bash").check(machine.context)
    assert found.state is State.CHANGE
    assert "+# >>> rolecall >>>" in found.diff
    assert tree(home) == before


def test_tcsh_rc_when_there_is_a_tcshrc_then_cshrc_is_not_read(machine: Machine, home: Path) -> None:
    """tcsh(1): .tcshrc, else .cshrc."""
    assert dialects.tcsh_rc(machine.context.environ) == home / ".cshrc"
    (home / ".tcshrc").write_text("")
    assert dialects.tcsh_rc(machine.context.environ) == home / ".tcshrc"


def test_block_when_tcsh_reads_it_then_has_the_hook(machine: Machine, home: Path, tmp_path: Path) -> None:
    """Tcsh's precmd runs direnv, after the renewal."""
    machine.apply("tcsh")
    seen = tmp_path / "seen"
    with pty_shell.opened(["tcsh", "-i"], environ={**os.environ, "TERM": "xterm"}, folder=tmp_path) as opened:
        opened.type(f"alias precmd > {seen}.part; mv {seen}.part {seen}")
        assert opened.wait(seen.exists, seconds=STARTED_SECONDS), opened.shown
    assert "direnv" in seen.read_text()
    assert seen.read_text().index("_rolecall_prompt") < seen.read_text().index("direnv")
