"""A hint is a command that can be run as it stands; advice stands in the message."""

import ast
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
