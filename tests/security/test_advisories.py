"""The list of what went wrong elsewhere: each row has its tests, or says why it has none."""

import ast
import re
import tomllib
from collections import Counter

import pytest
from packaging.version import Version

from app.config import ROOT

ROWS = tomllib.loads((ROOT / "tests" / "security" / "advisories.toml").read_text(encoding="utf-8"))["advisory"]
ANSWERS = {"tests", "does_not_apply", "waits_for"}
LOCK = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
LOCKED = dict(re.findall(r"^([a-z0-9-]+)==([^ \\]+)", LOCK, re.MULTILINE))

by_id = pytest.mark.parametrize("row", ROWS, ids=lambda row: row["ids"][0])


def test_no_advisory_stands_in_the_list_twice():
    times = Counter(one for row in ROWS for one in row["ids"])

    assert [one for one, often in times.items() if often > 1] == []
    assert len(ROWS) >= 50


@by_id
def test_an_advisory_has_one_kind_of_answer(row):
    assert len(ANSWERS & row.keys()) == 1
    assert row.keys() - ANSWERS - {"fixed_in"} == {"ids", "system", "what"}
    assert all(row[key] for key in row)


@by_id
def test_the_tests_that_answer_an_advisory_are_there(row):
    for test in row.get("tests", ()):
        file, _, name = test.partition("::")
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(
    ("package", "version"), sorted({pair for row in ROWS for pair in row.get("fixed_in", {}).items()})
)
def test_no_version_is_locked_that_is_known_to_be_faulty(package, version):
    assert Version(LOCKED[package]) >= Version(version)
