"""The arrows: who may import whom. A planted import makes it fail with a sentence."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ALLOWED = {
    "prescriptions": {"prescriptions"},
    "app/models": {"app.models"},
    "app/keyring.py": set(),
    "app/scope.py": set(),
    "app/wall.py": {"app.models", "app.scope"},
    "app/config.py": {"app.errors", "app.keyring", "app.post"},
    "app/errors.py": {"prescriptions"},
    "app/database.py": {"app.config", "app.models", "app.errors", "app.scope", "app.wall"},
    "app/services": {
        "app.services",
        "app.models",
        "app.database",
        "app.errors",
        "app.config",
        "app.keyring",
        "app.post",
        "app.scope",
        "prescriptions",
    },
    "app/schemas": {"app.schemas", "app.services", "prescriptions"},  # the services' limits; never the other way
    "app/pages": {"app", "prescriptions"},
    "app/api": {"app", "prescriptions"},
    "app": {"app", "prescriptions"},
    "wsgi.py": {"app", "prescriptions"},
    "tests/prescriptions": {"prescriptions", "tests.prescriptions"},
}
"""Layer to the packages of ours it may import; the longest matching layer counts."""

BANNED = {
    "prescriptions": {"flask", "sqlalchemy", "flask_sqlalchemy", "werkzeug", "time", "random", "uuid", "secrets"},
    "app/models": {"flask", "flask_sqlalchemy", "werkzeug"},
    "app/services": {"flask", "werkzeug", "flask_wtf"},
    "app/schemas": {"flask", "sqlalchemy", "flask_sqlalchemy"},
    "app": {"weasyprint", "pydyf", "pypdf"},
    "tests/prescriptions": {"flask", "sqlalchemy"},
}
"""Layer to the libraries it may not know."""

ONLY_IN = {
    **dict.fromkeys(["weasyprint", "pydyf", "cssselect2", "pypdf"], ("prescriptions/paper",)),
    "segno": ("prescriptions/qr.py", "app/pages/second_factor.py"),
    "PIL": ("prescriptions/paper_logo.py", "app/services/logo_worker.py"),
}
"""Library to where it may be known, by how the name of a module begins."""
OURS = {"prescriptions", "app", "tests", "migrations"}


def modules() -> list[Path]:
    folders = [ROOT / "prescriptions", ROOT / "app", ROOT / "tests", ROOT / "migrations"]
    return [ROOT / "wsgi.py", *(path for folder in folders for path in sorted(folder.rglob("*.py")))]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return top(name) in OURS and (path.with_suffix(".py").is_file() or path.is_dir())


def leaned_on(node: ast.ImportFrom) -> list[str]:
    """Modules or packages: "from package import module" leans on the module, other names lean on the package."""
    base = "." * node.level + (node.module or "")
    return [name for alias in node.names if is_module(name := f"{base}.{alias.name}")] or [base]


def imports(path: Path) -> Iterator[tuple[ast.stmt, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, name) for name in leaned_on(node))


def rules_of(table: dict[str, set[str]], name: str) -> set[str] | None:
    layers = [layer for layer in table if name == layer or name.startswith(layer + "/")]
    return table[max(layers, key=len)] if layers else None


def top(module: str) -> str:
    return module.split(".", maxsplit=1)[0]


def within(module: str, packages: set[str]) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_imports_only_what_its_layer_may(path):
    allowed = rules_of(ALLOWED, name_of(path))
    broken = [
        f"{name_of(path)}:{node.lineno} may not import {module}"
        for node, module in imports(path)
        if module.startswith(".") or (allowed is not None and top(module) in OURS and not within(module, allowed))
    ]

    assert broken == []


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_knows_only_the_libraries_its_layer_may(path):
    name = name_of(path)
    banned = {library for layer, names in BANNED.items() if name.startswith(layer) for library in names}

    assert [f"{name}:{node.lineno} {module}" for node, module in imports(path) if top(module) in banned] == []


def test_pdf_and_picture_libraries_are_known_in_few_places():
    knowing = {
        name_of(path)
        for path in modules()
        if not name_of(path).startswith("tests/")
        for _, module in imports(path)
        if top(module) in ONLY_IN and not name_of(path).startswith(ONLY_IN[top(module)])
    }

    assert knowing == set()


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_nothing_of_ours_is_imported_inside_a_function(path):
    tree = ast.parse(path.read_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inner = [
        f"{name_of(path)}:{node.lineno}"
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and top(getattr(node, "module", None) or node.names[0].name) in OURS
    ]

    assert inner == []


def test_there_is_no_import_cycle():
    graph = {}
    known = {name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in modules()}
    for module, path in known.items():
        graph[module] = {name for _, name in imports(path) if name in known and name != module}

    while leaves := {module for module, needed in graph.items() if not needed & graph.keys()}:
        graph = {module: needed for module, needed in graph.items() if module not in leaves}

    assert sorted(graph) == []


@pytest.mark.parametrize("path", sorted((ROOT / "prescriptions").rglob("*.py")), ids=name_of)
def test_the_domain_reads_no_clock_and_no_environment(path):
    text = path.read_text()

    assert [word for word in ("os.environ", "getenv", ".today(", ".now(", "utcnow(") if word in text] == []
