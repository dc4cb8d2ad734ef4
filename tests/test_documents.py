"""README is checked against the code: tasks, variables, exit codes, failures, and the commands it names."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from rolecall import errors
from rolecall.credentials.failures import table as failures
from rolecall.credentials.store import session_file

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def section(title: str) -> str:
    """Return the text under a heading."""
    found = re.search(rf"(?ms)^## {re.escape(title)}$(.*?)(?=^## |\Z)", README)
    assert found, title
    return found[1]


def listed() -> dict[str, str]:
    """Return the tasks that Invoke lists: name -> summary."""
    done = subprocess.run(
        [sys.executable, "-m", "invoke", "--list", "-F", "json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    import json

    return {task["name"]: task["help"] for task in json.loads(done.stdout)["tasks"]}


def test_readme_when_compared_with_invoke_then_lists_every_task() -> None:
    """The table has each task, and none that does not exist."""
    told = set(re.findall(r"(?m)^\| `([a-z]+)` \|", section("Tasks")))
    assert told == set(listed())


def test_readme_when_compared_with_errors_then_names_every_exit_code() -> None:
    """Every exit code in the code is in the list."""
    told = {int(code) for code in re.findall(r"`(\d+)`", section("Tasks"))}
    assert {value for name, value in vars(errors).items() if name.startswith("EXIT_")} | {0} == told


def test_readme_when_compared_with_the_session_file_then_names_every_export() -> None:
    """What the fragment exports is what README says."""
    told = set(
        re.findall(r"`((?:AWS|ROLECALL)_[A-Z_]+)`", section("What `cd` exports").split(", the values")[0])
    )
    exported = {name for name in session_file.NAMES if name.startswith("AWS_")}
    assert told == exported | {"ROLECALL_ROLE", "ROLECALL_RENEW_AT"}


def test_readme_when_compared_with_the_failures_then_has_the_table_as_it_is() -> None:
    """The table of failures is what `failures.table()` makes of the code."""
    told = README.split("<!-- failures -->\n")[1].split("<!-- /failures -->")[0]
    assert told == failures.table()


@pytest.mark.parametrize(
    "line", sorted(set(re.findall(r"(?m)(?:^|`|\$ |\(|\")invoke ([a-z]+[^`\n#)]*)", README)))
)
def test_readme_when_it_names_a_command_then_the_flags_exist(line: str) -> None:
    """Each `invoke X --flag` in README is a task with that flag."""
    words = line.split(" -- ", maxsplit=1)[0].split()
    done = subprocess.run(
        [sys.executable, "-m", "invoke", "--help", words[0]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, line
    for flag in (word for word in words if word.startswith("--")):
        assert flag.split("=")[0] in done.stdout, line


def test_repository_when_searched_then_names_no_machine_and_no_host() -> None:
    """Nothing in git names a machine's path or a registry's host."""
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    bad = re.compile(r"(?<![\w.$}~])/(?:root|work|home/\w+)/|python" + r"hosted\.org|registry\.npm" + r"js")
    found = [
        f"{name}: {match[0]}"
        for name in files
        if name and (ROOT / name).is_file()
        for match in bad.finditer((ROOT / name).read_text(errors="replace"))
    ]
    assert found == []
