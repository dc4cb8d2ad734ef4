"""README, CONTRIBUTING and docs/ are checked against the code, and their links against the disk."""

import ast
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import rows

from rolecall import errors
from rolecall.credentials.failures import table as failures
from rolecall.credentials.formats.table import FORMATS
from rolecall.credentials.store import session_file
from rolecall.workstation.shells import by_hand
from support import clients

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src/rolecall"
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
PAGES = tuple(sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]))
CHAPTERS = (
    "Try it",
    "Your own project",
    "A real account",
    "Day to day",
    "Tasks",
    "Python and pytest",
    "Security",
    "When it fails",
    "Links",
)
MOST_LINES = 199
DEFINED = re.compile(r"(?m)^def (test_\w+)\(")


# Helpers


def section(title: str) -> str:
    """Return README's text under a heading."""
    found = re.search(rf"(?ms)^## {re.escape(title)}$(.*?)(?=^## |\Z)", README)
    assert found, title
    return found[1]


def block(text: str, name: str) -> str:
    """Return what stands between the marks of a page: `<!-- name -->` and `<!-- /name -->`."""
    return text.split(f"<!-- {name} -->\n", maxsplit=1)[1].split(f"<!-- /{name} -->", maxsplit=1)[0]


def table_rows(text: str) -> list[str]:
    """Return the lines of a text's Markdown table, without its head."""
    return re.findall(r"(?m)^\|.*$", re.split(r"(?m)^\|--.*$", text)[1])


def invoke(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run `invoke` in this repository."""
    argv = [sys.executable, "-m", "invoke", *words]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)


@cache
def help_of(task: str) -> str:
    """Return what `invoke --help TASK` prints; nothing where there is no such task."""
    done = invoke("--help", task)
    return done.stdout if done.returncode == 0 else ""


def commands() -> set[str]:
    """Return the words after each `invoke` of the pages that is code: in backticks, a block, or a hint."""
    before = r"(?:^|`|\$ |\(|\"|/|: |\| )"
    found = [re.findall(rf"(?m){before}invoke ([a-z]+[^`\n#)|\"]*)", page.read_text()) for page in PAGES]
    return {words.strip() for line in found for words in line}


def tree() -> str:
    """Return the package's folders and the modules at its top, each with the first line of its docstring."""
    paths = [*PACKAGE.rglob("__init__.py"), *PACKAGE.glob("*.py")]
    names = {path.parent if path.name == "__init__.py" else path: path for path in paths}
    order = sorted(names, key=lambda place: (place != PACKAGE, place.is_dir(), place))
    return "\n".join(f"{label(place):<22} {first_line(names[place])}" for place in order)


def label(place: Path) -> str:
    """Return a folder or module as a line of the tree begins: as far to the right as it is deep."""
    return "  " * len(place.relative_to(PACKAGE).parts) + place.name + "/" * place.is_dir()


def first_line(module: Path) -> str:
    """Return the first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(module.read_text())) or "(no docstring)").splitlines()[0]


# README


def test_readme_when_counted_then_has_under_200_lines() -> None:
    """A newcomer reads it to its end."""
    assert len(README.splitlines()) <= MOST_LINES


def test_readme_when_read_then_its_chapters_are_in_order() -> None:
    """From trying it to what to do when it fails."""
    assert tuple(re.findall(r"(?m)^## (.*)$", README)) == CHAPTERS


def test_readme_when_compared_with_invoke_then_lists_every_task() -> None:
    """The table has each task, and none that does not exist."""
    done = invoke("--list", "-F", "json")
    cells = [row.split("|")[1] for row in section("Tasks").splitlines() if row.startswith("| `")]
    shown = {name for cell in cells for name in re.findall(r"`([a-z]+)`", cell)}
    assert shown == {task["name"] for task in json.loads(done.stdout)["tasks"]}


def test_readme_when_compared_with_errors_then_names_every_exit_code() -> None:
    """Every exit code in the code is in the list."""
    shown = {int(code) for code in re.findall(r"`(\d+)`", section("Tasks"))}
    assert {value for name, value in vars(errors).items() if name.startswith("EXIT_")} | {0} == shown


def test_readme_when_compared_with_the_session_file_then_names_every_export() -> None:
    """The names that a `cd` exports are the names in the session file."""
    sentence = section("Day to day").split("A `cd` exports ")[1].split(", the values")[0]
    shown = set(re.findall(r"`((?:AWS|ROLECALL)_[A-Z_]+)`", sentence))
    exported = {name for name in session_file.NAMES if name.startswith("AWS_")}
    assert shown == exported | {"ROLECALL_ROLE", "ROLECALL_RENEW_AT"}


@pytest.mark.parametrize(("chapter", "page"), [("When it fails", "failures"), ("Day to day", "benchmarks")])
def test_readme_when_it_shows_rows_of_a_table_then_the_page_has_them(chapter: str, page: str) -> None:
    """README's three rows are rows of the whole table, word for word."""
    whole = (ROOT / f"docs/{page}.md").read_text().splitlines()
    shown = table_rows(section(chapter))
    assert len(shown) == 3
    assert set(shown) <= set(whole)


# docs/


def test_readme_when_compared_with_the_shells_then_names_those_that_never_renew() -> None:
    """Who works in one of them learns why the role is gone after an hour, and what to type."""
    called = {"nu": "nushell", "pwsh": "PowerShell"}
    (says,) = re.findall(r"\(bash, zsh, fish and tcsh;([^.]*)", README)
    assert all(called.get(name, name) in says for name in by_hand.SHELLS)
    assert by_hand.RENEW in says


def test_failures_page_when_compared_with_the_code_then_has_the_table_as_it_is() -> None:
    """The page has what the code makes of its rows; CONTRIBUTING says how to write it anew."""
    assert block((ROOT / "docs/failures.md").read_text(), "failures") == failures.table()


def test_benchmarks_page_when_compared_with_the_budgets_then_has_each_as_it_is() -> None:
    """Every budget is in the table with the limit that the benchmark judges by."""
    lines = block((ROOT / "docs/benchmarks.md").read_text(), "bench").splitlines()
    for budget in rows.RATIOS:
        assert any(line.startswith(f"| {budget.what} | {budget.budget:.2f} x |") for line in lines), budget
    for row in (rows.PROCESSES, rows.PROMPT, rows.CROWD, rows.RESIDENT):
        limit = f"{row.budget:.0f} {row.unit}".strip()
        assert any(row.what in line and line.split("|")[2].strip() == limit for line in lines), row


# CONTRIBUTING


def test_consumers_page_when_compared_with_the_code_then_lists_every_format() -> None:
    """Whatever `--format` takes is explained."""
    rows = [line for line in (ROOT / "docs/consumers.md").read_text().splitlines() if line.startswith("| `")]
    listed = {name for row in rows for name in re.findall(r"`(\w+)`", row.split(" | ")[0])}
    assert listed >= set(FORMATS)


def test_consumers_page_when_compared_with_the_grid_then_has_its_table() -> None:
    """tests/shell/test_clients.py runs each cell with the real client."""
    page = (ROOT / "docs/consumers.md").read_text()
    assert block(page, "grid") == clients.table()


def test_tree_when_compared_with_the_disk_then_has_every_folder_and_its_docstring() -> None:
    """A newcomer finds the room for a change from the tree alone."""
    shown = block(CONTRIBUTING, "tree")
    assert shown == f"```text\n{tree()}\n```\n", f"write CONTRIBUTING.md's tree anew:\n{tree()}"


def test_contributing_when_it_names_a_path_then_it_exists() -> None:
    """Nobody is sent to a file that has moved; NN and NAME stand for a name to choose."""
    text = CONTRIBUTING.replace(block(CONTRIBUTING, "tree"), "")
    named = re.findall(r"`((?:[\w.]+/)+[\w.-]*)`", text)
    missing = [path for path in named if not re.search("NN|NAME", path) and not (ROOT / path).exists()]
    assert len(named) > 20
    assert missing == []


# All pages


def test_page_when_it_names_a_command_then_the_task_and_its_flags_exist() -> None:
    """Each `invoke X --flag` of README, CONTRIBUTING and docs/ is a task with that flag."""
    wrong = []
    for words in sorted(commands()):
        task, *rest = words.split(" -- ", maxsplit=1)[0].split()
        flags = [word.split("=")[0] for word in rest if re.match("--[a-z]", word)]
        if not all(re.search(rf"{flag}\b(?!-)", help_of(task)) for flag in ("", *flags)):
            wrong.append(words)
    assert len(commands()) > 40
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_when_it_links_to_a_file_then_it_exists(page: Path) -> None:
    """Every relative link and picture leads somewhere."""
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())
    missing = [to for to in targets if "://" not in to and not (page.parent / to).exists()]
    assert missing == []


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


def test_security_page_when_it_names_a_test_then_there_is_one() -> None:
    """A claim without its test is a hope."""
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/security.md").read_text()))
    known = {
        name for path in (ROOT / "tests").rglob("test_*.py") for name in DEFINED.findall(path.read_text())
    }
    assert named - known == set()
