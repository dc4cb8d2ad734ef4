"""The texts of the package's modules: each string that is no docstring, with a word for each value in it."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "src/rolecall"
HOLES = {"task_name": "assume", "task": "assume", "flag": "", "FLAGS": "--region x"}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


@cache
def trees() -> Mapping[Path, ast.Module]:
    """Return each module of the package, parsed: once in a run, and not before a test asks."""
    return {path: ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}


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


@cache
def every_text() -> tuple[tuple[str, str], ...]:
    """Return the texts of every module, each with the name of its file."""
    return tuple((path.name, text) for path, tree in trees().items() for text in _undocumented(tree))


def _undocumented(tree: ast.Module) -> Iterator[str]:
    docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, DOCUMENTED)}
    yield from (text for text in written(tree) if text not in docs)
