"""The program `rolecall`: the packaged tasks as a command, in a folder that has no `tasks.py`."""

import sys
from importlib import metadata
from pathlib import Path

import pytest

from rolecall.tasks import namespace
from support import command


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a folder for PATH that has `rolecall`."""
    return command.script(tmp_path / "bin").parent


def test_rolecall_when_alone_or_asked_for_help_then_lists_every_task(path: Path, tmp_path: Path) -> None:
    """On stdout, with exit code 0, and without the flags of Invoke that mean nothing here."""
    for words in ([], ["--help"]):
        done = command.run(["rolecall", *words], tmp_path, path=path)
        assert done.returncode == 0, done.stderr
        assert set(namespace.task_names) <= set(done.stdout.split())
        assert "Usage: rolecall TASK" in done.stdout
        assert "--collection" not in done.stdout
        assert "pty" not in done.stdout


def test_rolecall_when_asked_for_its_version_then_says_the_installed_one(path: Path, tmp_path: Path) -> None:
    """As every command does."""
    done = command.run(["rolecall", "--version"], tmp_path, path=path)
    assert done.stdout == f"rolecall {metadata.version('rolecall')}\n"


def test_rolecall_when_asked_about_a_task_then_shows_its_flags(path: Path, tmp_path: Path) -> None:
    """Both ways to ask."""
    for words in (["--help", "assume"], ["assume", "--help"]):
        done = command.run(["rolecall", *words], tmp_path, path=path)
        assert done.stdout.startswith("Usage: rolecall assume [OPTIONS]\n")
        assert "--role" in done.stdout
        assert "ask STS for a new session" in done.stdout


def test_rolecall_when_flags_share_their_first_letters_then_no_short_flag_is_a_dash(
    path: Path, tmp_path: Path
) -> None:
    """`--=STRING` beside `--ignore-in` is no flag that anybody can type."""
    done = command.run(["rolecall", "--help", "setup"], tmp_path, path=path)
    assert "\n  --ignore-in=STRING  " in done.stdout


@pytest.mark.parametrize(
    ("words", "says", "advice"),
    [
        (["asume"], "there is no task asume", "rolecall --help assume"),
        (["nonsense"], "there is no task nonsense", "rolecall --list"),
        (["--nope"], "there is no flag --nope", "rolecall --list"),
        (["assume", "--nope"], "there is no flag --nope of assume", "rolecall --help assume"),
        (["assume", "--role"], "--role needs a value", "rolecall --help assume"),
        (["--list", "nope"], "there is no collection nope", "rolecall --list"),
        (["--list", "--list-depth", "abc"], "--list-depth needs a number", "rolecall --list"),
        (["--list", "-D", "abc"], "--list-depth needs a number", "rolecall --list"),
        (["--list", "--list-format", "bad"], "--list-format is flat, nested or json", "rolecall --list"),
        (["--help", "doctr"], "there is no task doctr", "rolecall --help doctor"),
        (
            ["status", "--dry"],
            "status cannot be tried with --dry; nothing was done",
            "rolecall --help status",
        ),
        (["exec"], "exec: no command given", "rolecall exec -- COMMAND"),
    ],
)
def test_rolecall_when_the_words_mean_nothing_then_exits_with_2_and_says_what_helps(
    path: Path, project: Path, words: list[str], says: str, advice: str
) -> None:
    """The hint names `rolecall`, whatever the code calls it."""
    done = command.run(["rolecall", *words], project, path=path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"rolecall: {says}\n  try: {advice}\n"


def test_rolecall_when_its_reader_goes_away_then_ends_without_a_traceback(path: Path, tmp_path: Path) -> None:
    """`rolecall --help | head -1`."""
    done = command.run(["sh", "-c", "rolecall --help | head -1; echo ${PIPESTATUS-}"], tmp_path, path=path)
    assert done.stderr == ""


def test_rolecall_when_the_project_has_no_tasks_then_every_task_works(path: Path, project: Path) -> None:
    """And what a task says names `rolecall`."""
    done = command.run(["rolecall", "assume", "--role", "dev"], project, path=path)
    assert done.returncode == 0, done.stderr
    assert ":assumed-role/dev/" in done.stdout
    failed = command.run(["rolecall", "assume", "--role", "proud"], project, path=path)
    assert failed.returncode == 1
    assert "  try: rolecall assume --role prod\n" in failed.stderr


def test_rolecall_when_the_folder_has_invokes_settings_then_none_of_them_runs(
    path: Path, project: Path, home: Path
) -> None:
    """`invoke.py` and `rolecall.py` beside `.envrc` may have come with a pull."""
    for name in ("invoke", "rolecall", "tasks"):
        (project / f"{name}.py").write_text(f"raise SystemExit('{name}.py ran')\n")
        (home / f".{name}.py").write_text(f"raise SystemExit('{name}.py ran')\n")
    done = command.run(["rolecall", "roles"], project, path=path)
    assert done.returncode == 0, done.stderr
    assert "dev" in done.stdout


def test_rolecall_when_started_as_a_module_then_is_the_same_program(project: Path) -> None:
    """Where no script is on PATH; its hints then name what was typed."""
    python = [sys.executable, "-P", "-m", "rolecall"]
    assert "prod" in command.run([*python, "roles"], project).stdout
    failed = command.run([*python, "rolse"], project)
    assert failed.stderr.endswith(f"  try: {sys.executable} -P -m rolecall --help roles\n")


def test_rolecall_when_it_is_not_on_path_then_hints_name_what_was_typed(
    tmp_path: Path, project: Path
) -> None:
    """`bin dir/rolecall` stays that, with quotes."""
    script = command.script(tmp_path / "bin dir")
    done = command.run([str(script), "rolse"], project)
    assert done.stderr.endswith(f"  try: '{script}' --help roles\n")
