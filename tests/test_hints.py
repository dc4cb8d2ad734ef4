"""A hint is a command that can be run as it stands; advice stands in the message."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src/rolecall"
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
    "chmod",
    "exec",
    "cd",
    "echo",
    "git",
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


def hints(path: Path) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
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


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_hint_when_written_then_begins_with_a_command(path: Path) -> None:
    """And has no second way after a comma or a colon, nor a hole to fill in."""
    prose = [
        f"{path.name}:{line}: {text}"
        for line, text in hints(path)
        if text.split()[0] not in COMMANDS or any(word in text for word in (", or", ": invoke", "then:", "…"))
    ]
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


@pytest.mark.parametrize("module", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_hint_when_it_names_a_path_then_a_shell_reads_it_as_one_word(module: Path) -> None:
    """A folder with a space in its name is no reason for a command that cannot be run."""
    assert bare_paths(ast.parse(module.read_text())) == []


def test_typed_when_a_path_is_strange_then_a_shell_reads_it_as_one_word() -> None:
    """Quoted where it must be, and only there."""
    import subprocess

    from rolecall.system import paths

    for path in ("/plain/.env", "/a b/é", "/it's", "/$HOME/`id`"):
        done = subprocess.run(["sh", "-c", f"printf %s {paths.typed(path)}"], capture_output=True, check=True)
        assert done.stdout.decode() == path
    assert paths.typed("/plain/.env") == "/plain/.env"
