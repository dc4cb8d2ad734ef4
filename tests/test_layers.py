"""The drawing of the architecture, executable: imports point one way, and heavy ones stand in functions."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src"
LAYERS = (  # each may import from itself and from those after it
    {"rolecall.tasks"},
    {"rolecall.sdk", "rolecall.pytest_plugin", "rolecall.__main__", "rolecall"},
    {"rolecall.workstation", "rolecall.services"},
    {"rolecall.credentials"},
    {"rolecall.project"},
    {"rolecall.system"},
    {"rolecall.errors"},
)
HEAVY = {"boto3", "botocore", "jinja2", "moto", "rich", "keyring"}
# A pip to be watched line by line, a shell in a pty, and botocore's own way to start a credential_process.
STARTERS = {
    "rolecall.workstation.venv.progress",
    "rolecall.workstation.proof.pty_shell",
    "rolecall.credentials.aws.sdk",
}
OWNERS = {"rolecall.services.sandbox.server": {"moto"}}
MODULES = sorted(SOURCE.rglob("*.py"))


def test_layers_when_read_then_imports_point_down() -> None:
    """No module imports from a layer above its own."""
    upward = [
        f"{name} imports {imported}"
        for name, imported, _ in all_imports()
        if imported.startswith("rolecall") and level(imported) < level(name)
    ]
    assert upward == []


def test_layers_when_peers_stand_side_by_side_then_do_not_know_each_other() -> None:
    """Workstation and services meet in the tasks only."""
    sideways = [
        f"{name} imports {imported}"
        for name, imported, _ in all_imports()
        if {part(name), part(imported)} == {"rolecall.workstation", "rolecall.services"}
    ]
    assert sideways == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_layers_when_a_module_is_imported_then_nothing_heavy_comes_along(path: Path) -> None:
    """SDKs, templates and screens are imported by the function that needs them."""
    name = module_name(path)
    allowed = OWNERS.get(name, set())
    heavy = {imported.split(".")[0] for imported, is_top in imports(path) if is_top} & HEAVY
    assert heavy <= allowed


def test_layers_when_a_program_is_started_then_by_the_one_module_that_may() -> None:
    """Only system.processes starts programs, but for what it cannot offer."""
    starters = {name for name, imported, _ in all_imports() if imported == "subprocess"}
    assert starters <= {"rolecall.system.processes", *STARTERS}


def all_imports() -> Iterator[tuple[str, str, bool]]:
    """Yield (module, imported, whether at module level) for the whole package."""
    for path in MODULES:
        for imported, is_top in imports(path):
            yield module_name(path), imported, is_top


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield what `path` imports; what stands under TYPE_CHECKING is for the type checker alone."""
    tree = ast.parse(path.read_text())
    top = set(ast.walk(tree)) - {node for owner in functions(tree) for node in ast.walk(owner)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node in top) for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (
                (name if node.module == "rolecall" else str(node.module), node in top) for name in names
            )


def functions(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what does not run on import: functions, and blocks for the type checker."""
    for node in ast.walk(tree):
        is_checking = isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        if is_checking or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node


def module_name(path: Path) -> str:
    """Return the dotted name of a file."""
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


def part(name: str) -> str:
    """Return the package of a module: "rolecall.system"."""
    return ".".join(name.split(".")[:2])


def level(name: str) -> int:
    """Return the layer's number, counted from the top."""
    return next(number for number, layer in enumerate(LAYERS) if part(name) in layer)
