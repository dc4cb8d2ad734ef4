"""What each shell's block does at a prompt and before a command, and that a person's own hooks stay."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from rolecall.workstation import templates
from support.terminals import OLD_BASH, needs_old_bash

ROOT = Path(__file__).resolve().parents[2]
BASHES = ["bash", pytest.param(OLD_BASH, marks=needs_old_bash, id="bash 3.2")]
SHELLS = [*BASHES, "zsh", "fish", "tcsh"]
PROMPT = {"zsh": "_rolecall_precmd", "fish": "emit fish_prompt"}
OLD = "watched"


def run(
    shell: str, script: str, folder: Path, *, before: str = "", hook: bool = False, **given: str | None
) -> str:
    """Return what `script` prints after `shell` has read its block; `before` stands above the block.

    `given` are variables of its environment; None takes one out.
    """
    name = "bash" if shell == OLD_BASH else Path(shell).name
    text = templates.render(ROOT, f"rc.{name}", hook=hook)
    files = {"before": before, "block": text, "script": script}
    for part, content in files.items():
        (folder / f"{part}.{name}").write_text(content + "\n")
    words = {"fish": ["--no-config", "--interactive"], "zsh": ["-f"], "tcsh": ["-f"]}.get(name, ["--norc"])
    prompt = ["set prompt=x"] if name == "tcsh" else []
    lines = [*prompt, *(f"source '{folder}/{part}.{name}'" for part in files)]
    done = subprocess.run(
        [shell, *words, "-c", "\n".join(lines)],
        cwd=folder,
        env={key: value for key, value in {**os.environ, **given}.items() if value is not None},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == "", done.stderr
    return done.stdout.strip()


def prompt_of(shell: str) -> str:
    """Return the words that do what the block does before a prompt."""
    return PROMPT.get(shell, "_rolecall_prompt")


@pytest.fixture
def recorder(tmp_path: Path) -> Path:
    """Put a `direnv` first on PATH that notes how it is called; return the folder and its file `called`."""
    path = tmp_path / "recorder/direnv"
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\necho \"$* [${{DIRENV_WATCHES-unset}}]\" >>'{tmp_path}/called'\n")
    path.chmod(0o755)
    return path.parent


def after_prompt(shell: str, folder: Path, at: str | None) -> str:
    """Return what direnv is to watch after a prompt of `shell`, with a renewal due at `at`."""
    script = f'{prompt_of(shell)}\necho "<$DIRENV_WATCHES>"'
    return run(shell, script, folder, ROLECALL_RENEW_AT=at, DIRENV_WATCHES=OLD, DIRENV_DIFF=None)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("seconds", "is_due"), [(-1, True), (0, True), (3600, False), (None, False)], ids=str
)
def test_prompt_when_the_time_has_come_then_and_only_then_direnv_looks_again(
    tmp_path: Path, shell: str, seconds: int | None, *, is_due: bool
) -> None:
    """An empty list of watched files makes direnv load `.envrc`; without a role there is nothing to renew."""
    at = None if seconds is None else str(int(time.time()) + seconds)
    said = after_prompt(shell, tmp_path, at)
    assert said == ("<>" if is_due else f"<{OLD}>")


@pytest.mark.parametrize("shell", [shell for shell in SHELLS if shell != "tcsh"])
@pytest.mark.parametrize("at", ["", "soon", "12x", "-1", "a[$(touch ran)]", "1+1", "1 1"])
def test_prompt_when_the_time_is_none_then_nothing_is_renewed_or_run(
    tmp_path: Path, shell: str, at: str
) -> None:
    """Whoever set ROLECALL_RENEW_AT: it is digits, or it is nothing."""
    said = after_prompt(shell, tmp_path, at)
    assert said == f"<{OLD}>"
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("is_inside", [True, False])
def test_shell_when_it_starts_in_a_loaded_folder_then_direnv_looks_again(
    tmp_path: Path, shell: str, *, is_inside: bool
) -> None:
    """A new pane has the other's variables, but not its terminal's role."""
    diff = "x" if is_inside else None
    said = run(shell, 'echo "<$DIRENV_WATCHES>"', tmp_path, DIRENV_WATCHES=OLD, DIRENV_DIFF=diff)
    assert said == ("<>" if is_inside else f"<{OLD}>")


@pytest.mark.parametrize("bash", BASHES)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("unset PROMPT_COMMAND", "_rolecall_prompt"),
        ("PROMPT_COMMAND='mine;more'", "_rolecall_prompt;mine;more"),
        ("PROMPT_COMMAND=(mine more)", "_rolecall_prompt|mine|more"),
        ("PROMPT_COMMAND='_rolecall_prompt;mine'", "_rolecall_prompt;mine"),
        ("PROMPT_COMMAND=(mine _rolecall_prompt)", "mine|_rolecall_prompt"),
    ],
)
def test_bash_when_a_person_has_prompt_commands_then_ours_is_the_first_and_theirs_stay(
    tmp_path: Path, bash: str, before: str, after: str
) -> None:
    """The hook of direnv comes after it, and sees the emptied list. Read twice, it is there once."""
    script = "IFS='|'; printf '%s\\n' \"${PROMPT_COMMAND[*]}\""
    assert run(bash, script, tmp_path, before=before, DIRENV_DIFF=None) == after


@pytest.mark.parametrize("bash", BASHES)
@pytest.mark.parametrize("at", ["1", "9999999999", "", "x"])
def test_bash_when_a_command_failed_then_its_status_outlives_the_block(
    tmp_path: Path, bash: str, at: str
) -> None:
    """Whatever the block has to do, `$?` stays the person's."""
    said = run(bash, '(exit 7)\n_rolecall_prompt\necho "<$?>"', tmp_path, ROLECALL_RENEW_AT=at)
    assert said == "<7>"


@pytest.mark.parametrize("bash", BASHES)
def test_bash_when_it_has_no_clock_then_date_is_asked_once_in_half_a_minute(
    tmp_path: Path, bash: str
) -> None:
    """A fork at each prompt would be felt; SECONDS set back or far forward asks again."""
    script = """
unset EPOCHSECONDS
date() { echo asked >&3; command date "$@"; }
_rolecall_prompt; _rolecall_prompt; _rolecall_prompt; echo - >&3
SECONDS=$((SECONDS + 29)); _rolecall_prompt; echo - >&3
SECONDS=$((SECONDS + 1)); _rolecall_prompt; _rolecall_prompt; echo - >&3
SECONDS=$((SECONDS - 20)); _rolecall_prompt; _rolecall_prompt
"""
    script = f"exec 3>'{tmp_path}/log'\nSECONDS=100\n{script}\ncat '{tmp_path}/log'"
    said = run(bash, script, tmp_path, ROLECALL_RENEW_AT="9999999999", DIRENV_DIFF=None)
    assert said.split() == ["asked", "-", "-", "asked", "-", "asked"]


@pytest.mark.parametrize("options", ["", "setopt ksh_arrays", "setopt sh_word_split"])
def test_zsh_when_a_person_has_hooks_then_ours_is_the_first_and_theirs_stay(
    tmp_path: Path, options: str
) -> None:
    """Whatever options they set; read twice, it is there once."""
    before = (
        f"{options}\nprecmd_functions=(mine _rolecall_precmd more)\npreexec_functions=(one _rolecall_preexec)"
    )
    shown = 'print -r -- "$precmd_functions / $preexec_functions"'
    script = f"emulate zsh\n{shown}\nprint $+functions[_rolecall_install]"
    said = run("zsh", script, tmp_path, before=before)
    assert said.splitlines() == ["_rolecall_precmd mine more / _rolecall_preexec one", "0"]


@pytest.mark.parametrize(("at", "called"), [("1", "hook <>"), ("9999999999", "")])
def test_zsh_when_a_command_is_about_to_run_then_it_renews_first_where_it_is_time(
    tmp_path: Path, at: str, called: str
) -> None:
    """The first command after a night has the new session; without direnv's hook there is nothing to call."""
    hook = '_direnv_hook() { print -r -- "hook <$DIRENV_WATCHES>" }'
    alone = "_rolecall_preexec; print -r $DIRENV_WATCHES"
    for script, said in ((f"{hook}\n_rolecall_preexec", called), (alone, OLD)):
        assert (
            run("zsh", script, tmp_path, ROLECALL_RENEW_AT=at, DIRENV_WATCHES=OLD, DIRENV_DIFF=None) == said
        )


@pytest.mark.parametrize("at", ["1", "9999999999", ""])
def test_fish_when_a_command_is_about_to_run_then_it_renews_first_where_it_is_time(
    tmp_path: Path, recorder: Path, at: str
) -> None:
    """The program is started for that alone, with the emptied list."""
    path = f"{recorder}:{os.environ['PATH']}"
    run(
        "fish",
        "emit fish_preexec",
        tmp_path,
        PATH=path,
        ROLECALL_RENEW_AT=at,
        DIRENV_WATCHES=OLD,
        DIRENV_DIFF=None,
    )
    called = (tmp_path / "called").read_text() if (tmp_path / "called").exists() else ""
    assert called == ("export fish []\n" if at == "1" else "")


@pytest.mark.parametrize(("left", "wait"), [(3600, 30), (12, 12)])
def test_fish_when_it_is_not_due_then_the_clock_is_asked_again_when_it_may_be(
    tmp_path: Path, left: int, wait: int
) -> None:
    """Once in half a minute, or when the renewal is due; the uptime alone is read at the other prompts."""
    script = """
functions --copy _rolecall_now really_now
function _rolecall_now; echo asked >>log; really_now; end
_rolecall_is_due; _rolecall_is_due; _rolecall_is_due
read -l up rest </proc/uptime
echo (count <log) (math "round($_rolecall_look - $up)")
set -g _rolecall_look 0
_rolecall_is_due; echo (count <log)
"""
    at = str(int(time.time()) + left)
    first, again = run("fish", script, tmp_path, ROLECALL_RENEW_AT=at, DIRENV_DIFF=None).splitlines()
    count, seconds = first.split()
    assert (count, again) == ("1", "2")
    assert wait - 5 <= int(seconds) <= wait


@pytest.mark.parametrize("before", ["", "function path; return 1; end"], ids=["path", "no path"])
def test_fish_when_asked_for_the_time_then_it_is_that_of_date(tmp_path: Path, before: str) -> None:
    """Also a fish from before its builtin `path` (3.5)."""
    now, then = run("fish", "_rolecall_now; date +%s", tmp_path, before=before).splitlines()
    assert abs(int(now) - int(then)) <= 2


def test_fish_when_a_role_comes_or_goes_then_the_plan_is_made_anew(tmp_path: Path) -> None:
    """A look that was put off for the last session says nothing of the next one's."""
    script = """
emit fish_prompt
set -gx ROLECALL_RENEW_AT 1; emit fish_prompt; echo "<$DIRENV_WATCHES>"
set -gx DIRENV_WATCHES watched; set -e ROLECALL_RENEW_AT; emit fish_prompt; echo "<$DIRENV_WATCHES>"
"""
    said = run("fish", script, tmp_path, ROLECALL_RENEW_AT="9999999999", DIRENV_WATCHES=OLD, DIRENV_DIFF=None)
    assert said.splitlines() == ["<>", f"<{OLD}>"]


def test_fish_when_it_is_a_script_then_the_block_does_nothing(tmp_path: Path) -> None:
    """`fish -c` has no prompt, and reads no hook."""
    (tmp_path / "block.fish").write_text(templates.render(ROOT, "rc.fish", hook=True))
    script = f"source '{tmp_path}/block.fish'; functions -q _rolecall_prompt; or echo nothing"
    done = subprocess.run(
        ["fish", "--no-config", "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == "nothing\n"


def test_tcsh_when_a_person_has_a_precmd_then_ours_is_the_first_and_theirs_stays(tmp_path: Path) -> None:
    """There is one alias for what comes before a prompt."""
    script = "alias precmd\necho $?_rolecall_before"
    said = run("tcsh", script, tmp_path, before="alias precmd 'echo mine'", DIRENV_DIFF=None)
    assert said.splitlines() == ["_rolecall_prompt; echo mine", "0"]
    silent = f"source '{tmp_path}/block.tcsh'; alias precmd"
    done = subprocess.run(
        ["tcsh", "-f", "-c", silent], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize("shell", SHELLS)
def test_hook_when_it_is_asked_for_then_direnv_is_hooked_behind_ours(tmp_path: Path, shell: str) -> None:
    """Where direnv is; where it is not, a shell starts without a word."""
    shown = {
        "zsh": 'print -r -- "$precmd_functions"',
        "fish": "functions -q __direnv_export_eval; and echo hooked",
        "tcsh": "alias precmd",
    }.get(shell, 'echo "${PROMPT_COMMAND[*]}"')
    said = run(shell, shown, tmp_path, hook=True, DIRENV_DIFF=None)
    if shell == "fish":
        assert said == "hooked"
    else:
        assert -1 < said.index("_rolecall_pr") < said.index("direnv")
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    (nowhere / "date").symlink_to(shutil.which("date") or "")
    without = run(shutil.which(shell) or shell, "echo fine", tmp_path, hook=True, PATH=str(nowhere))
    assert without == "fine"
