"""The layers, as tests: imports point one way, never in a circle, and heavy ones stand in functions."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from support.texts import trees

SOURCE = Path(__file__).resolve().parents[1] / "src"
LAYERS = (  # each may import from itself and from those after it
    {"rolecall.tasks", "rolecall.__main__"},
    {"rolecall.sdk", "rolecall.pytest_plugin", "rolecall"},
    {"rolecall.workstation", "rolecall.services"},
    {"rolecall.credentials"},
    {"rolecall.project"},
    {"rolecall.system"},
    {"rolecall.errors"},
)
HEAVY = {"boto3", "botocore", "jinja2", "moto", "rich", "keyring", "pexpect"}
# A pip to be watched line by line, and botocore's own way to start a credential_process.
STARTERS = {
    "rolecall.workstation.venv.progress",
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


def test_layers_when_workstation_and_services_are_read_then_neither_imports_the_other() -> None:
    """Workstation and services meet in the tasks only."""
    sideways = [
        f"{name} imports {imported}"
        for name, imported, _ in all_imports()
        if {part(name), part(imported)} == {"rolecall.workstation", "rolecall.services"}
    ]
    assert sideways == []


def test_layers_when_a_module_is_imported_then_nothing_heavy_comes_along() -> None:
    """SDKs, templates and screens are imported by the function that needs them."""
    heavy = {(name, imported.split(".")[0]) for name, imported, is_top in all_imports() if is_top}
    owned = {(name, package) for name, packages in OWNERS.items() for package in packages}
    assert {(name, package) for name, package in heavy if package in HEAVY} <= owned


def test_layers_when_a_program_is_started_then_a_listed_module_starts_it() -> None:
    """Only system.processes starts programs, but for what it cannot offer."""
    starters = {name for name, imported, _ in all_imports() if imported == "subprocess"}
    assert starters <= {"rolecall.system.programs.processes", *STARTERS}


def test_layers_when_modules_import_each_other_then_never_in_a_circle() -> None:
    """Not inside a folder either; an import in a function, or for types alone, counts as one at the top."""
    direct = {module_name(path): direct_imports(tree) for path, tree in trees().items()}
    reached = {name: reachable(name, direct) for name in BY_NAME}
    circles = {
        " <-> ".join(sorted(other for other in found if name in reached[other]))
        for name, found in reached.items()
        if name in found
    }
    assert circles == set()


def reachable(start: str, direct: Mapping[str, set[str]]) -> set[str]:
    """Return every module that `start` imports, itself or through others."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = direct[waiting.pop()] - found
        found |= new
        waiting.extend(new)
    return found


def direct_imports(tree: ast.Module) -> set[str]:
    """Return the modules of this package that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in BY_NAME else node.module for name in names}
    return found & set(BY_NAME)


@cache
def all_imports() -> tuple[tuple[str, str, bool], ...]:
    """Return (module, imported, whether at module level) for the whole package."""
    return tuple(
        (module_name(path), imported, is_top)
        for path, tree in trees().items()
        for imported, is_top in imports(tree)
    )


def imports(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Yield what a module imports; what stands under TYPE_CHECKING is for the type checker alone."""
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
        if is_for_types(node) or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node


def is_for_types(node: ast.AST) -> bool:
    """Whether `node` is a block that only the type checker reads."""
    return isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"


def module_name(path: Path) -> str:
    """Return the dotted name of a file."""
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


def part(name: str) -> str:
    """Return the package of a module: "rolecall.system"."""
    return ".".join(name.split(".")[:2])


def level(name: str) -> int:
    """Return the layer's number, counted from the top."""
    return next(number for number, layer in enumerate(LAYERS) if part(name) in layer)


BY_NAME = {module_name(path): path for path in MODULES}
