"""The requirements of OWASP ASVS 5.0.0 and what holds each.

The requirements stand in docs/asvs.toml; the tests say by their ``asvs`` marker which of them they prove.
"""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from evidence.written import ROOT, every_test

DATA, DOCUMENT = ROOT / "docs" / "asvs.toml", ROOT / "docs" / "asvs.md"
KINDS = {"check": "By hand", "later": "Not yet", "not_applicable": "Does not apply"}
HEADING = """\
# ASVS: what holds each requirement

The application security verification standard of OWASP, version 5.0.0: every requirement of levels 1 and 2, and those
of level 3 that we take. Each is named in a few words of ours; what counts is the standard's own sentence.

This page is made of [asvs.toml](asvs.toml) and of the markers on the tests, by `python -m evidence`; a test compares
them. A requirement that applies has a test that proves it, or a check that a named person makes. "Not yet" says what
does not hold today, and is no promise. Nobody has certified this.
"""

Requirement = Mapping[str, Any]


def chapters() -> list[tuple[str, dict[str, Requirement]]]:
    """Titles, and the requirements below them by number."""
    return [(one["title"], one["requirements"]) for one in tomllib.loads(DATA.read_text("utf-8"))["chapter"]]


def requirements() -> dict[str, Requirement]:
    """All of them by number."""
    return {number: one for _, group in chapters() for number, one in group.items()}


def held_by() -> dict[str, list[str]]:
    """The tests by the number of what they prove."""
    found: dict[str, list[str]] = {}
    for name, numbers in every_test().items():
        for number in numbers:
            found.setdefault(number, []).append(name)
    return found


def document() -> str:
    """The whole page."""
    return "\n".join((HEADING, *_summary(), *_tables(held_by()), ""))


def _summary() -> Iterator[str]:
    tests, rows = held_by(), requirements().items()
    yield "| Level | Requirements | Held by tests | Checked by hand alone | Not yet | Do not apply |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for level in (1, 2, 3):
        mine = [(number, one) for number, one in rows if one["level"] == level]
        kinds = [_kind(one, is_tested=number in tests) for number, one in mine]
        counts = [len(mine), *(kinds.count(kind) for kind in ("tests", "check", "later", "not_applicable"))]
        yield f"| {level} | {' | '.join(map(str, counts))} |"


def _kind(one: Requirement, *, is_tested: bool) -> str:
    return next((kind for kind in ("not_applicable", "later") if kind in one), "tests" if is_tested else "check")


def _tables(tests: Mapping[str, list[str]]) -> Iterator[str]:
    for title, group in chapters():
        yield f"\n## {title}\n"
        yield "| Number | Level | In short | Held by |"
        yield "| --- | --- | --- | --- |"
        for number, one in group.items():
            said = [f"{words}: {one[kind]}." for kind, words in KINDS.items() if kind in one]
            named = [f"`{name.removeprefix('tests/')}`" for name in tests.get(number, ())]
            yield f"| {number} | {one['level']} | {one['words']} | {'<br>'.join(said + named)} |"
