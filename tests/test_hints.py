"""A hint is a command that can be run as it stands; advice stands in the message."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from invoke.parser import Parser

from rolecall.tasks import namespace
from rolecall.workstation.envrc import approval
from rolecall.workstation.project import roles_file
from rolecall.workstation.setup import table
from rolecall.workstation.steps.step import Answers, Context
from support.texts import PACKAGE, every_text, trees

COMMANDS = {
    "invoke",
    "python3",
    "direnv",
    "${EDITOR:-vi}",
    "grep",
    "sed",
    "file",
    "ls",
    "less",
    "df",
    "mv",
    "rm",
    "kill",
    "curl",
    "command",
    "export",
    "unset",
    "sudo",
    "su",
    "chmod",
    "exec",
    "cd",
    "echo",
    "git",
    "pre-commit",
    "npx",
}
MAKERS = {"problem": 2, "note": 2, "Symptom": 3}


def beginnings(node: ast.expr) -> list[str]:
    """Return what the literal hints in `node` begin with; those of a name or a call are made elsewhere."""
    if isinstance(node, ast.IfExp):
        return [*beginnings(node.body), *beginnings(node.orelse)]
    if isinstance(node, ast.JoinedStr):
        return beginnings(node.values[0])
    text = node.value if isinstance(node, ast.Constant) else ""
    return [text] if text and isinstance(text, str) else []


def hints(tree: ast.Module) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given = [word.value for word in node.keywords if word.arg in ("hint", "fix")]
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            at = MAKERS.get(name, len(node.args))
            given += node.args[at : at + 1]
            found += [(node.lineno, text) for value in given for text in beginnings(value)]
        if isinstance(node, ast.Assign) and any(
            getattr(one, "id", "") in ("hint", "fix") for one in node.targets
        ):
            found += [(node.lineno, text) for text in beginnings(node.value)]
    return found


def test_hint_when_written_then_begins_with_a_command() -> None:
    """And has no second way after a comma or a colon, nor a hole to fill in."""
    found = [(path, line, text) for path, tree in trees().items() for line, text in hints(tree)]
    prose = [
        f"{path.relative_to(PACKAGE)}:{line}: {text}"
        for path, line, text in found
        if text.split()[0] not in COMMANDS or any(word in text for word in (", or", ": invoke", "then:", "…"))
    ]
    assert len(found) > 120
    assert prose == []


PATHS = {"path", "folder", "parent", "root", "file"}


def outside_calls(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of an expression; a call, such as shlex.join, quotes for itself."""
    yield node
    if not isinstance(node, ast.Call):
        for child in ast.iter_child_nodes(node):
            yield from outside_calls(child)


def bare_paths(tree: ast.AST) -> list[str]:
    """Return the paths that the hints of a module name without quoting them."""
    hints = [node.value for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "hint"]
    hints += [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "hint"
    ]
    texts = [part for hint in hints for part in outside_calls(hint) if isinstance(part, ast.FormattedValue)]
    shown = [text.value for text in texts]
    named = [getattr(value, "id", "") or getattr(value, "attr", "") for value in shown]
    return [name for name in named if name in PATHS]


def test_hint_when_it_names_a_path_then_a_shell_reads_it_as_one_word() -> None:
    """A folder with a space in its name is no reason for a command that cannot be run."""
    bare = {str(path.relative_to(PACKAGE)): bare_paths(tree) for path, tree in trees().items()}
    assert {name: names for name, names in bare.items() if names} == {}


def test_typed_when_a_path_is_strange_then_a_shell_reads_it_as_one_word() -> None:
    """Quoted where it must be, and only there."""
    import subprocess

    from rolecall.system.disk import paths

    for path in ("/plain/.env", "/a b/é", "/it's", "/$HOME/`id`"):
        done = subprocess.run(["sh", "-c", f"printf %s {paths.typed(path)}"], capture_output=True, check=True)
        assert done.stdout.decode() == path
    assert paths.typed("/plain/.env") == "/plain/.env"


TASK = re.compile(r"\b(?:invoke|python3 tasks\.py) (?=--help |--list|[a-z]+\b)([^\n`;,|)\"']*)")
ELSEWHERE = {"hwclock", "sntp", "timedatectl", "apt-get", "systemctl"}  # programs of some other system
QUICK = ("grep", "ls", "df", "file", "unset", "export", "echo", "invoke")
SLOW = (
    "login",
    "console",
    "sandbox",
    "debug",
    "serve",
    "exec",
    "--ask",
    "--sandbox",
    "NAME",
    "ARN",
    "teardown",
)


def wrong_command(words: list[str]) -> str:
    """Return what Invoke says against the words after its name; nothing where it would run them."""
    if words[0] in ("--help", "--list"):
        words = words[1:] or ["roles"]
    if "--" in words:
        words = words[: words.index("--")]
    try:
        Parser(contexts=namespace.to_contexts()).parse_argv(
            [re.sub(r"\{\w+\}", "dev", word) for word in words]
        )
    except Exception as problem:  # noqa: BLE001 - whatever it is, a person would meet it
        return f"{' '.join(words)}: {problem}"
    return ""


def test_hint_when_it_names_a_task_then_invoke_knows_the_task_and_its_flags() -> None:
    """In a hint, in a message, in a table: what says `invoke X --flag` says something that runs."""
    tasks = set(namespace.task_names)
    found = [
        (name, match[1].split())
        for name, text in every_text()
        for match in TASK.finditer(text)
        if match[1].startswith("--") or match[1].split()[0] in tasks or "--" in match[1]
    ]
    assert len(found) > 60
    assert [f"{name}: {wrong}" for name, words in found if (wrong := wrong_command(words))] == []


@cache
def literal_hints() -> tuple[str, ...]:
    """Return the hints that hold no value. Each worker collects them, so only what has one is parsed."""
    texts = [path.read_text() for path in sorted(PACKAGE.rglob("*.py"))]
    found = {
        node.value
        for text in texts
        if "hint=" in text or "fix=" in text
        for call in ast.walk(ast.parse(text))
        if isinstance(call, ast.Call)
        for node in [word.value for word in call.keywords if word.arg in ("hint", "fix")]
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value
    }
    return tuple(sorted(found))


@pytest.mark.parametrize("hint", literal_hints())
def test_hint_when_typed_then_bash_reads_it_and_its_programs_exist(hint: str) -> None:
    """A word that no system has as a command is no command."""
    done = subprocess.run(["bash", "-n"], input=hint, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    words = shlex.shlex(hint, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    is_first = True
    for word in words:
        if word in {"&&", ";", "|"} or (is_first and ("=" in word or word == "sudo")):
            is_first = True
        elif is_first:
            is_first = False
            asked = ["bash", "-c", f"type {shlex.quote(word)}"]
            is_known = subprocess.run(asked, capture_output=True, check=False).returncode == 0
            assert is_known or word in ELSEWHERE | {"invoke", "direnv", "${EDITOR:-vi}"}


@pytest.mark.parametrize(
    "hint",
    [
        hint
        for hint in literal_hints()
        if hint.startswith(QUICK) and not any(word in hint for word in SLOW) and hint != "invoke setup"
    ],
)
def test_hint_when_run_in_a_project_then_is_no_usage_error_and_no_bug(project: Path, hint: str) -> None:
    """Typed as it stands, without a terminal, in a project whose `.env` is right."""
    bin_folder = Path(sys.executable).parent
    (project / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    assert shutil.which("invoke", path=str(bin_folder))
    done = subprocess.run(
        ["bash", "-c", hint],
        cwd=project,
        env={**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    may_be_2 = "--plan" in hint or "obody can answer here" in done.stderr
    assert done.returncode in ({0, 1, 2, 4} if may_be_2 else {0, 1, 4}), done.stderr
    assert "Traceback" not in done.stderr


def test_step_when_setup_can_do_it_then_its_hint_is_that_and_no_work_by_hand(tmp_path: Path) -> None:
    """Only what needs the person's own word says something else: an approval, and the roles."""
    answers = Answers(sandbox=True, python=True, hooks=True, profiles="yes", prompt="yes", quiet_direnv="yes")
    environ = {"HOME": str(tmp_path), "SHELL": "/bin/bash", "PATH": os.environ["PATH"]}
    steps = table.build(Context(tmp_path, answers, environ=environ))
    ours = ("invoke setup", "invoke render", "invoke sandbox", "python3 tasks.py setup")
    others = {step.name for step in steps if not step.hint.startswith(ours)}
    assert len(steps) > 12
    assert others == {approval.NAME, roles_file.NAME}
