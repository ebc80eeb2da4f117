"""The faults that bin/seeded_faults.py plants still fit the code: each can be planted, and its tests are there."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FAULTS = [
    fault
    for path in sorted((ROOT / "tests" / "faults").glob("*.toml"))
    for fault in tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
]


@cache
def names_in(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def guards():
    """The first column of SECURITY.md's table of what is protected."""
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    table = page.split("\n## What is protected")[1].split("\n## ")[0]
    return re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE)[1:]


def test_every_guard_of_the_security_page_has_a_fault_and_every_fault_its_guard():
    assert {fault["guard"] for fault in FAULTS} == set(guards())


def test_every_fault_has_a_name_of_its_own():
    assert len({fault["name"] for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["name"])
def test_a_fault_can_still_be_planted(fault):
    source = (ROOT / fault["file"]).read_text(encoding="utf-8")

    assert source.count(fault["find"]) == 1
    assert fault["replace"] != fault["find"]
    assert fault.keys() <= {"name", "guard", "must_not_happen", "file", "find", "replace", "tests", "databases"}
    assert {*fault.get("databases", ["sqlite"])} <= {"sqlite", "postgresql"}


@pytest.mark.parametrize(
    "fault", [one for one in FAULTS if one["file"].endswith(".py")], ids=lambda fault: fault["name"]
)
def test_a_fault_that_is_planted_is_still_python(fault):
    """A module that can't be read turns every test red, and shows nothing."""
    source = (ROOT / fault["file"]).read_text(encoding="utf-8")

    assert ast.parse(source.replace(fault["find"], fault["replace"])).body


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["name"])
def test_the_tests_of_a_fault_are_there(fault):
    assert fault["tests"]
    for test in fault["tests"]:
        file, _, name = test.partition("::")
        assert name.partition("[")[0] in names_in(file)
