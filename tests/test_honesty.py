"""The tests themselves: each is run, none is left out unseen, and none gets by with a warning or another machine."""

import ast
import re
import socket
import subprocess
import sys
import tomllib
import warnings
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import pytest_runtest_call, pytest_runtest_teardown
from tests.watching import elsewhere

ROOT = Path(__file__).resolve().parent.parent
TREES = {
    str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "tests").rglob("*.py"))
}
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]
SCRIPT = (ROOT / "bin" / "test").read_text(encoding="utf-8")
LEFT_OUT = {
    "not SERVER": {
        "SQLite has no roles and no row-level security.",
        "SQLite has no row-level security.",
        "about a database server",
    },
    "bool(SERVER)": {"about a database file"},
}
"""When a test may be left out, and why. The other database is the next thing that bin/test runs."""
LEAVES_OUT = re.compile(r"(?:^|\.)(skip|skipif|skipTest|xfail|importorskip|__test__|collect_ignore\w*|filterwarnings)$")
"""What keeps a test from being run, from counting or from minding warnings."""


def names_in(file: str) -> list[str]:
    """Every function that is called like a test, wherever it stands."""
    functions = (node for node in ast.walk(TREES[file]) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return [node.name for node in functions if node.name.startswith("test")]


def on_disk() -> set[str]:
    return {f"{file}::{name}" for file in TREES for name in names_in(file)}


@pytest.fixture(scope="module")
def collected(request: pytest.FixtureRequest) -> set[str]:
    """Every test that a run of everything collects. Where this is a run of a part, pytest is asked for the whole."""
    here = {item.nodeid.partition("[")[0] for item in request.session.items}
    if here >= on_disk():
        return here
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout  # noqa: S603 - ours
    return {line.partition("[")[0] for line in said.splitlines() if "::" in line}


def test_every_test_of_every_file_is_collected(collected):
    assert sorted(on_disk() - collected) == []


def test_every_file_that_is_called_tests_holds_some():
    assert [file for file in TREES if Path(file).name.startswith("test_") and not names_in(file)] == []


def test_no_test_is_hidden_by_another_of_its_name():
    hidden = {file: [name for name, times in Counter(names_in(file)).items() if times > 1] for file in TREES}

    assert {file: names for file, names in hidden.items() if names} == {}


def when_and_why(node: ast.expr, call: ast.Call | None) -> tuple[str, str]:
    """The condition and the reason that a mark gives."""
    reason = next((word.value for word in call.keywords if word.arg == "reason"), None) if call else None
    when = ast.unparse(call.args[0]) if call and call.args else "always"
    return when, ast.literal_eval(reason) if reason else f"no reason: {ast.unparse(node)}"


def left_out(tree: ast.Module) -> list[tuple[str, str]]:
    """When tests of a module are left out, and why."""
    calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    words = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Name))
    return [when_and_why(node, calls.get(id(node))) for node in words if LEAVES_OUT.search(ast.unparse(node))]


def test_no_test_is_left_out_but_for_the_other_database():
    found = {file: left_out(tree) for file, tree in TREES.items()}

    others = {file: [one for one in outs if one[1] not in LEFT_OUT.get(one[0], ())] for file, outs in found.items()}
    assert {file: outs for file, outs in others.items() if outs} == {}


def test_what_waits_for_postgresql_is_run_on_postgresql():
    waiting = {file for file, tree in TREES.items() if any(when == "not SERVER" for when, _ in left_out(tree))}

    _, _, command = SCRIPT.partition("bin/with-postgresql")
    run = {str(path.relative_to(ROOT)) for one in re.findall(r"tests/\S+\.py", command) for path in ROOT.glob(one)}
    assert waiting
    assert waiting - run == set()


def test_a_run_of_everything_leaves_nothing_aside():
    options = " ".join(SETTINGS["addopts"]) + "\n" + SCRIPT

    assert SETTINGS["testpaths"] == ["tests"]
    assert SETTINGS["strict"] is True
    assert SETTINGS["empty_parameter_set_mark"] == "fail_at_collect"
    assert not SETTINGS.keys() & {"norecursedirs", "python_files", "python_functions", "python_classes"}
    assert re.findall(r"--ignore|--deselect|--lf|--co\b|pytest [^\n]*-[km] |no:\w+|\|\| ?(?:true|:)", options) == []


THE_ONE_WE_KNOW = "ignore:unclosed file .*sRGB2014.icc:ResourceWarning"
"""WeasyPrint's own, about one file of its own. Whatever else is not closed is an error."""


def test_a_warning_is_an_error():
    assert SETTINGS["filterwarnings"] == ["error", THE_ONE_WE_KNOW]
    for kind in (UserWarning, DeprecationWarning, ResourceWarning, PendingDeprecationWarning):
        with pytest.raises(kind):
            warnings.warn("Somebody should have looked at this.", kind, stacklevel=1)


OUTSIDE = "192.0.2.1"
"""An address of nobody's (RFC 5737)."""


def connect() -> None:
    socket.create_connection((OUTSIDE, 9), timeout=1).close()


def serve() -> None:
    with socket.socket() as door:
        door.bind(("0.0.0.0", 0))  # noqa: S104 - which is what must not be


def send() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as wire:
        wire.sendto(b"x", (OUTSIDE, 9))


def ask_for_a_name() -> None:
    socket.getaddrinfo("clinic.example", 443)


@pytest.mark.parametrize("reach", [connect, serve, send, ask_for_a_name])
@pytest.mark.parametrize("hook", [pytest_runtest_call, pytest_runtest_teardown])
def test_a_test_that_reaches_beyond_this_machine_is_stopped_and_fails(reach, hook):
    step = hook()
    next(step)

    with suppress(OSError):
        reach()

    with pytest.raises(AssertionError, match=r"socket\."):
        next(step)
    assert elsewhere() == []


def test_what_stays_on_this_machine_is_let_through():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()
    ours, theirs = socket.socketpair()
    ours.sendmsg([b"x"])
    ours.close()
    theirs.close()

    assert elsewhere() == []
