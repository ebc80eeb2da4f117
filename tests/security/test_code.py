"""What the code does not do anywhere: run commands, build patterns of input, open other ways out, hash weakly."""

import ast
import re
from collections.abc import Iterator

import pytest

from app.config import ROOT
from app.models import Base

SOURCES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text())
    for folder in ("app", "prescriptions")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
SCRIPTS = sorted((ROOT / "app" / "static").glob("*.js"))

STARTS_PROCESSES = {"app/services/logos.py", "app/services/printing.py"}
OPENS_CONNECTIONS = {
    "app/services/mail.py",
    "app/services/addresses.py",
    "app/services/oidc.py",
    "app/services/outbound.py",
}
"""Ways out, beside the database: mail, and a clinic's identity provider, whose name is looked up first."""
READS_XML = {
    "prescriptions/figures/picture.py",
    "prescriptions/paper_page.py",
    "prescriptions/paper_pictures.py",
    "prescriptions/paper_recording.py",
    "prescriptions/qr.py",
}
"""Two escape text for a drawing; two read a stored drawing, after it has refused declarations; one reads our page."""
MAKES_PATTERNS = {"app/post.py", "app/wall.py", "prescriptions/program_file.py", "prescriptions/text.py"}
"""Out of names of our own tables, a number and sets of characters of ours: when they are imported, once."""
NAMED_AT_RANDOM = {"app/logs.py", "app/models/base.py", "app/pages/draft_check.py"}
"""Rows, requests and attempts to issue: names that open nothing."""
CRYPTOGRAPHY = {
    "app/models/sealed.py": {"AESGCM"},
    "app/services/keys.py": {"AESGCM"},
    "app/services/passwords.py": {"PasswordHasher"},
    "app/services/second_factor.py": {"pyotp.TOTP", "pyotp.random_base32"},
    "app/services/oidc.py": {"jwt.decode"},
}
"""Beside SHA-256 and HMAC-SHA-256. Who adds to it adds it to docs/threat-model.md as well."""
NOT_HERE = re.compile(
    r"^(python-)?(ldap3?|lxml|graph\w*|strawberry\S*|websockets?|wsproto|flask-sock\w*|pymemcache|python-memcached|pylibmc|"
    r"aiortc|pysaml2|python3-saml|xmlsec|pyyaml|dill|jpype1)(==|\[)",
    re.MULTILINE,
)


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call, with the name of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imported(tree: ast.AST) -> set[str]:
    """The names of all modules that are imported."""
    nodes = list(ast.walk(tree))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def using(*modules: str) -> set[str]:
    """The sources that import one of these modules."""
    return {
        path for path, tree in SOURCES.items() if any(name.startswith(modules) for name in map(dotted, imported(tree)))
    }


def dotted(name: str) -> str:
    return f"{name}."


@pytest.mark.asvs("1.2.5")
def test_a_process_is_started_in_two_places_from_a_list_of_ours_and_never_by_a_shell():
    made = [(path, call) for path, tree in SOURCES.items() for name, call in calls(tree) if "subprocess." in name]
    shells = re.compile(r"\bos\.(system|popen|exec\w+|spawn\w+)\(|\bshell=|\bpty\b")

    assert {path for path, _ in made} == STARTS_PROCESSES == using("subprocess.")
    assert {ast.unparse(call.args[0]) for _, call in made} == {"command"}
    assert [path for path in SOURCES if shells.search((ROOT / path).read_text())] == []


@pytest.mark.asvs("1.2.9")
def test_no_pattern_is_made_of_what_somebody_typed():
    patterns = re.compile(r"re\.(compile|search|match|fullmatch|sub|subn|split|findall|finditer)")
    made = {
        path
        for path, tree in SOURCES.items()
        for name, call in calls(tree)
        if patterns.fullmatch(name) and not isinstance(call.args[0], ast.Constant)
    }
    inner = [
        name
        for tree in SOURCES.values()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for name, call in calls(function)
        if patterns.fullmatch(name) and not isinstance(call.args[0], ast.Constant)
    ]

    assert made == MAKES_PATTERNS
    assert inner == []


@pytest.mark.asvs("1.3.2", "1.5.2")
def test_nothing_that_could_be_a_program_is_read():
    assert (
        using(
            "pickle.",
            "marshal.",
            "shelve.",
            "dill.",
            "yaml.",
            "jsonpickle.",
            "importlib.util.",
            "importlib.import_module.",
            "runpy.",
        )
        == set()
    )
    assert [
        (path, name)
        for path, tree in SOURCES.items()
        for name, _ in calls(tree)
        if name in {"eval", "exec", "compile", "__import__"}
    ] == []


@pytest.mark.asvs("1.5.1")
def test_xml_is_read_where_it_is_our_own_alone():
    assert using("xml.", "lxml.", "defusedxml.") == READS_XML


@pytest.mark.asvs("13.1.1", "13.2.4", "13.2.5", "14.2.3")
def test_few_modules_can_open_a_connection():
    ways = ("socket.", "ssl.", "smtplib.", "requests.", "urllib3.", "urllib.request.", "http.client.", "ftplib.")

    assert using(*ways, "authlib.integrations.") == OPENS_CONNECTIONS


@pytest.mark.asvs("11.1.2", "11.2.1", "11.2.3", "11.3.1", "11.4.1", "11.4.3", "11.6.1")
def test_cryptography_is_of_known_libraries_and_of_these_kinds_alone():
    kinds = re.compile(r"AESGCM|PasswordHasher|pyotp\.\w+|jwt\.\w+|Fernet|Cipher|\w*KDF\w*|RSA\w*|\w*PrivateKey\w*")
    found: dict[str, set[str]] = {}
    for path, tree in SOURCES.items():
        for name, call in calls(tree):
            if kinds.fullmatch(name):
                found.setdefault(path, set()).add(name)
            if re.fullmatch(r"hashlib\.\w+", name):
                assert name == "hashlib.sha256", path
            if name in {"hmac.digest", "hmac.new"}:
                assert ast.literal_eval(call.args[2]) == "sha256", path

    assert found == CRYPTOGRAPHY


@pytest.mark.asvs("6.5.3", "7.2.3", "11.5.1")
def test_what_must_not_be_guessed_comes_from_the_system():
    assert using("random.", "numpy.") == set()
    assert using("uuid.") == {
        "app/logs.py",
        "app/models/base.py",
        "app/pages/draft_check.py",
    }  # names of rows, no secrets
    assert "secrets.token_urlsafe(32)" in (ROOT / "app/services/tokens.py").read_text()


@pytest.mark.asvs("15.2.3")
def test_what_runs_is_without_the_tests_and_without_what_does_not_apply():
    runtime = (ROOT / "requirements" / "runtime.txt").read_text()

    assert NOT_HERE.findall(runtime) == []
    assert re.findall(r"^(pytest|hypothesis|playwright|mutmut|ruff|mypy)\b", runtime, re.MULTILINE) == []
    assert using("tests.", "pytest.", "unittest.", "doctest.") == set()


@pytest.mark.asvs("3.2.2", "14.3.3", "15.3.6")
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_writes_text_keeps_nothing_and_hears_no_other_window(path):
    used = re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|localStorage|sessionStorage|"
        r"indexedDB|document\.cookie|caches\.|postMessage|[\"']message[\"']|__proto__|\.prototype\b|JSON\.parse",
        path.read_text(),
    )

    assert used == []


@pytest.mark.asvs("6.4.2")
def test_nobody_has_a_hint_or_a_secret_question():
    names = {f"{table}.{column.name}" for table, rows in Base.metadata.tables.items() for column in rows.columns}

    assert [name for name in names if re.search(r"hint|question|answer|mother|reminder", name)] == []
