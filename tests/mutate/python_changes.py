"""Changes of a Python module: cosmic-ray's, and parts that are left out.

cosmic-ray changes operators, numbers and conditions. What is forgotten more often in practice is a part: a
fact of a fingerprint, a condition, a statement. Those are left out here.
"""

import ast
import copy
from collections.abc import Iterator
from pathlib import Path

from mutate.change import Change

# Of the operators that cosmic-ray would put in place of another, those that a person could have meant.
COMPARISONS = (
    *("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is", "In_NotIn", "NotIn_In"),
    *("Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt"),
)
ARITHMETIC = ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_Mul", "LShift_RShift")
SPARED = ("NoOp", "VariableInserter", "VariableReplacer", "RemoveDecorator", "ExceptionReplacer")


def of(path: Path) -> Iterator[Change]:
    """Yield every change of the module at `path` that leaves it a module."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    spared = set(_spared_lines(tree))
    for change in (*_by_cosmic_ray(path, source), *_left_out(path, source, tree)):
        if change.line not in spared and change.text != source and _is_module(change.text):
            yield change


def _by_cosmic_ray(path: Path, source: str) -> Iterator[Change]:
    from cosmic_ray import plugins
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code

    lines = source.splitlines()
    for name in plugins.operator_names():
        if not _is_wanted(name):
            continue
        operator = plugins.get_operator(name)()
        nodes = ast_nodes(get_ast(source))
        places = [place for node in nodes for place in operator.mutation_positions(node)]
        for number, (start, _) in enumerate(places):
            is_signature = lines[start[0] - 1].lstrip().startswith(("def ", "*,"))
            if not is_signature and (text := mutate_code(source, operator, number)):
                yield Change(path, start[0], name.partition("/")[2], text)


def _is_wanted(name: str) -> bool:
    pair = name.rpartition("Operator_")[2]
    if "ComparisonOperator" in name:
        return pair in COMPARISONS
    if "BinaryOperator" in name:
        return pair in ARITHMETIC
    return name.rpartition("/")[2] not in SPARED


def _left_out(path: Path, source: str, tree: ast.AST) -> Iterator[Change]:
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    raw = source.encode()
    skipped = set(map(id, _annotations(tree)))
    caught = {id(node.type) for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)}
    for node in (found for found in ast.walk(tree) if id(found) not in skipped):
        other = [("another exception", "ZeroDivisionError")] if id(node) in caught else []
        for kind, text in (*_without_a_part(node), *other):
            start = starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined] # it has a place
            end = starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined] # as above
            after = raw[:start] + text.encode() + raw[end:]
            yield Change(path, node.lineno, kind, after.decode())  # type: ignore[attr-defined] # as above


def _without_a_part(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the node's text without each of its parts in turn."""
    if isinstance(node, ast.BoolOp):
        yield from _shorter(node, "values", "condition")
    elif isinstance(node, (ast.Tuple, ast.List, ast.Set)) and isinstance(
        getattr(node, "ctx", None), ast.Load
    ):
        yield from _shorter(node, "elts", "element")
    elif isinstance(node, ast.Dict) and len(node.values) > 1:
        for number in range(len(node.values)):
            short = copy.deepcopy(node)
            del short.keys[number], short.values[number]
            yield "entry left out", ast.unparse(short)
    elif isinstance(node, ast.Call):
        yield from _shorter(node, "keywords", "argument", least=1)
    elif _is_act(node):
        yield "statement left out", "pass"
    elif isinstance(node, ast.IfExp):
        yield "one side", f"({ast.unparse(node.body)})"
        yield "other side", f"({ast.unparse(node.orelse)})"


def _is_act(node: ast.AST) -> bool:
    is_call = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    return is_call or isinstance(node, (ast.Raise, ast.AugAssign, ast.Delete))


def _shorter(node: ast.AST, name: str, what: str, *, least: int = 2) -> Iterator[tuple[str, str]]:
    """Yield the node without each of the parts in its list `name`, and what was left out."""
    parts = getattr(node, name)
    for number in range(len(parts) if len(parts) >= least else 0):
        short = copy.deepcopy(node)
        kept = getattr(short, name)
        gone = " ".join(ast.unparse(kept.pop(number)).split())
        if isinstance(node, ast.BoolOp) and len(kept) == 1:
            short = kept[0]
        yield f"{what} left out: {gone}", f"({ast.unparse(short)})"


def _spared_lines(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that only a type checker reads, and those of `@dataclass`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from range(node.lineno, (node.end_lineno or node.lineno) + 1)
        elif isinstance(node, ast.Assign) and ast.unparse(node).startswith(("TYPE_CHECKING", "__all__")):
            yield node.lineno
        elif isinstance(node, ast.ClassDef):
            yield from (decorator.lineno for decorator in node.decorator_list)


def _annotations(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield every node of the annotations: nothing runs them."""
    for node in ast.walk(tree):
        for name in ("annotation", "returns"):
            if found := getattr(node, name, None):
                yield from ast.walk(found)


def _is_module(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
