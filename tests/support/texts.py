"""The texts of the package's modules: each string that is no docstring, with a word for each value in it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "src/rolecall"
HOLES = {"task_name": "assume", "task": "assume", "flag": "", "FLAGS": "--region x"}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def written(tree: ast.AST) -> Iterator[str]:
    """Yield every text of a module, a word in place of each value that it is given."""
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(map(filled, node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.value


def filled(part: ast.expr) -> str:
    if not isinstance(part, ast.FormattedValue):
        return str(getattr(part, "value", ""))
    return HOLES.get(re.split(r"\W", ast.unparse(part.value))[0], "dev")


def every_text() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text())
        docs = {
            ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, DOCUMENTED)
        }
        yield from ((path.name, text) for text in written(tree) if text not in docs)
