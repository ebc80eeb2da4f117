"""The tests as they are written: their names, and the requirements that they are marked with. Nothing is imported."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MARKER = "pytest.mark.asvs"


@cache
def every_test() -> dict[str, frozenset[str]]:
    """By pytest's name of each test: the requirements that it, or its module, is marked with."""
    found = {}
    for path, tree in _modules():
        of_module = frozenset(
            _ids(node.value for node in tree.body if isinstance(node, ast.Assign) and _is_pytestmark(node))
        )
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                name = f"{path.relative_to(ROOT).as_posix()}::{node.name}"
                found[name] = of_module | frozenset(_ids(node.decorator_list))
    return found


def markers() -> int:
    """How many markers there are, wherever they stand."""
    return sum(_marker(node) is not None for _, tree in _modules() for node in ast.walk(tree))


def read_markers() -> int:
    """How many of them stand where ``every_test`` looks: above a test, or at the top of a module."""
    return sum(
        _marker(inner) is not None
        for _, tree in _modules()
        for node in tree.body
        for part in (node.decorator_list if isinstance(node, ast.FunctionDef) else [node] * _is_pytestmark(node))
        for inner in ast.walk(part)
    )


@cache
def _modules() -> list[tuple[Path, ast.Module]]:
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def _is_pytestmark(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"


def _marker(node: ast.AST) -> ast.Call | None:
    return node if isinstance(node, ast.Call) and ast.unparse(node.func) == MARKER else None


def _ids(parts: Iterable[ast.AST]) -> Iterator[str]:
    for node in (inner for part in parts for inner in ast.walk(part)):
        if marker := _marker(node):
            yield from (ast.literal_eval(argument) for argument in marker.args)
