"""The hazard log: docs/clinical-safety/hazards.toml, and the page that is made of it."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evidence.written import ROOT

FOLDER = ROOT / "docs" / "clinical-safety"
DATA, DOCUMENT = FOLDER / "hazards.toml", FOLDER / "hazards.md"
HEADING = """\
# Hazard log

What could harm a patient, what stands against it, where that is tested, and what is left. It is made of
[hazards.toml](hazards.toml) by `python -m evidence`; a test compares them, and whether each control and each test is
there. [README.md](README.md) says how to read and change it. "Not yet" is a control that is not there: the risk that is
left is the one without it.
"""
SIDES = ("severity", "likelihood")

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HazardLog:
    """What the file says."""

    accepted: int
    """The highest level that needs nobody's name."""
    levels: list[list[int]]
    controls: dict[str, Entry]
    hazards: list[Entry]

    def level(self, rating: list[int]) -> int:
        """The level of risk of a severity and a likelihood."""
        severity, likelihood = rating
        return self.levels[likelihood - 1][severity - 1]

    def missing(self, hazard: Entry) -> list[str]:
        """Names of the hazard's controls that are not there yet."""
        return [name for name in hazard["controls"] if "later" in self.controls[name]]


def read() -> HazardLog:
    """The hazard log as it stands."""
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return HazardLog(data["accepted"], data["levels"], data["control"], data["hazard"])


def document() -> str:
    """The whole page."""
    log = read()
    return "\n".join((HEADING, *_overview(log), *_hazards(log), *_controls(log), ""))


def _overview(log: HazardLog) -> Iterator[str]:
    yield "| | Hazard | Before | Now | Not yet |"
    yield "| --- | --- | --- | --- | --- |"
    for one in log.hazards:
        before, after = (log.level(one[when]) for when in ("before", "after"))
        yield f"| {one['id']} | {one['hazard']} | {before} | {after} | {', '.join(log.missing(one))} |"


def _hazards(log: HazardLog) -> Iterator[str]:
    yield "\n## Hazards"
    for one in log.hazards:
        yield f"\n### {one['id']} {one['hazard']}\n"
        yield f"- Harm: {one['harm']}."
        yield f"- Cause: {one['cause']}."
        yield f"- Before: {_rating(log, one['before'])}. Now: {_rating(log, one['after'])}."
        yield f"- Accepted by: {one.get('accepted_by', 'the maintainers, by releasing it')}."
        if "left" in one:
            yield f"- Left: {one['left']}."
        yield from (f"- {log.controls[name]['name']} (`{name}`)" for name in one["controls"])


def _rating(log: HazardLog, rating: list[int]) -> str:
    said = ", ".join(f"{side} {value}" for side, value in zip(SIDES, rating, strict=True))
    return f"{said}, level {log.level(rating)}"


def _controls(log: HazardLog) -> Iterator[str]:
    yield "\n## Controls\n"
    yield "| Control | Against | Where | Tested by |"
    yield "| --- | --- | --- | --- |"
    for name, control in log.controls.items():
        against = ", ".join(one["id"] for one in log.hazards if name in one["controls"])
        where = "<br>".join(f"`{file}`" for file in control["files"])
        tests = [f"`{test.removeprefix('tests/')}`" for test in control.get("tests", ())]
        said = [f"Not yet: {control['later']}."] if "later" in control else []
        yield f"| `{name}` | {against} | {where} | {'<br>'.join(said + tests)} |"
