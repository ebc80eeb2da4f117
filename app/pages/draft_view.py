"""A draft as the builder and the check page show it: each error and finding beside the thing it is about."""

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.pages import words
from app.pages.builder import ITEM_FIELDS, Document, items_of, name_of
from app.pages.forms import anchor, field_of
from app.services.drafts import Examination
from prescriptions.catalogue import Exercise, Pack
from prescriptions.check import Finding, Verdict
from prescriptions.dose import PARAMETERS, Range
from prescriptions.program import Side
from prescriptions.program_schema import MOST_ITEMS

LEAVES = {*PARAMETERS, "side", "note", "sessions_per_week", "weeks", "starts_on", "timing"}
"""Fields that can be left out by themselves; a warm-up is read whole or not at all."""

SIDES = tuple((side.value, words.SIDE_CHOICES[side.value]) for side in Side)

PLAN_FIELDS = ("warm_up", "warm_up.activity", "warm_up.minutes", "sessions_per_week", "weeks", "starts_on", "timing")
"""Fields below the exercises, in the order of the page."""

_ITEM = re.compile(r"items\[(\d+)\]")
_INDEX = re.compile(r"\[\d+\]$")


@dataclass(frozen=True, slots=True)
class Field:
    """One dose field."""

    key: str
    label: str
    unit: str
    range: str


@dataclass(frozen=True, slots=True)
class ItemView:
    """One exercise of the program, as typed, with what the check says of it."""

    index: int
    title: str
    exercise: Exercise | None
    typed: Mapping[str, Any]
    sides: Sequence[tuple[str, str]]
    """Empty where there is no side to choose."""
    fields: Sequence[Field]
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Places:
    """Findings that belong to no single exercise, by the part of the page they are about."""

    screening: Sequence[Finding]
    program: Sequence[Finding]
    warm_up: Sequence[Finding]
    frequency: Sequence[Finding]
    advice: Sequence[Finding]


def item_views(document: Document, findings: Sequence[Finding], pack: Pack) -> list[ItemView]:
    """Each item of the draft with its own fields and findings."""
    return [_item_view(index, typed, findings, pack) for index, typed in enumerate(items_of(document))]


def _item_view(index: int, typed: Document, findings: Sequence[Finding], pack: Pack) -> ItemView:
    exercise = pack.exercise(typed.get("exercise", ""))
    return ItemView(
        index=index,
        title=name_of(typed.get("exercise", ""), pack),
        exercise=exercise,
        typed={"side": "", "note": ""} | typed,
        sides=SIDES if (exercise and exercise.per_leg) or typed.get("side") else (),
        fields=[_field(key, exercise) for key in PARAMETERS if (exercise and key in exercise.doses) or typed.get(key)],
        findings=[one for one in findings if _index(one.path) == index],
    )


def _field(key: str, exercise: Exercise | None) -> Field:
    parameter = PARAMETERS[key]
    documented = exercise.doses.get(key) if exercise else None
    unit = f"{parameter.unit}s" if parameter.unit else ""
    hint = f"Documented: {words.amount(key, documented)}" if documented else "Not documented: leave it empty"
    return Field(key, parameter.label, unit, hint)


def _index(path: str) -> int | None:
    found = _ITEM.match(path)
    return int(found[1]) if found else None


def places(findings: Sequence[Finding]) -> Places:
    """The findings that stand beside no exercise."""
    general = [one for one in findings if _index(one.path) is None]
    held = [one for one in general if one.severity != "advice"]
    return Places(
        screening=[one for one in held if one.path.startswith("screening")],
        program=[one for one in held if not one.path.startswith(("screening", "warm_up", "sessions_per_week"))],
        warm_up=[one for one in held if one.path.startswith("warm_up")],
        frequency=[one for one in held if one.path.startswith("sessions_per_week")],
        advice=[one for one in general if one.severity == "advice"],
    )


def field_errors(examination: Examination, document: Document, pack: Pack) -> dict[str, str]:
    """Errors by the name of the form's field, in the order of the page.

    Each names what it is about: the summary has no fields beside it.
    """
    return {
        field_of(path): f"{_subject(path, document, pack)} {_predicate(path, messages[0], document, pack)}"
        for path, messages in sorted(examination.errors.items(), key=lambda one: _place(one[0]))
    }


def told(examination: Examination, verdict: Verdict | None) -> list[Finding]:
    """The findings, but for those about what ``legible`` left out: it is not missing, it can't be read."""
    left_out = {_left_out(path) for path in examination.errors}
    return [one for one in (verdict.findings if verdict else ()) if one.path not in left_out]


def _left_out(path: str) -> str:
    whole = _INDEX.sub("", path)
    return whole if whole.rpartition(".")[2] in LEAVES else re.split(r"[.\[]", path, maxsplit=1)[0]


def legible(document: Document, examination: Examination) -> Document:
    """The draft without what can't be read, so that the rest is checked all the same."""
    rest: Document = copy.deepcopy(document)
    for path in examination.errors:
        *parents, last = field_of(path).split(".")
        here: Any = rest
        for name in parents:
            here = here[int(name)] if isinstance(here, list) else here.get(name, {})
        if isinstance(here, list):
            here.clear()  # of a list of words none is taken when one is wrong
        elif last in LEAVES:
            here.pop(last, None)
        else:
            rest.pop(parents[0] if parents else last, None)
    return rest


def _place(path: str) -> tuple[int, int]:
    """Where on the page a path stands: first the exercises, each in the order of its card, then the routine."""
    index, whole = _index(path), _INDEX.sub("", path)
    last = whole.rpartition(".")[2]
    if index is not None:
        return index, ITEM_FIELDS.index(last) if last in ITEM_FIELDS else 0
    return MOST_ITEMS, PLAN_FIELDS.index(whole) if whole in PLAN_FIELDS else len(PLAN_FIELDS)


def _subject(path: str, document: Document, pack: Pack) -> str:
    index, last = _index(path), _INDEX.sub("", path).rpartition(".")[2]
    subject = words.FIELD_NAMES.get(last, words.label(last))
    items = items_of(document)
    if index is None or index >= len(items):
        return words.FIELD_NAMES.get(path, subject)
    return f"{subject} of exercise {index + 1} ({name_of(items[index].get('exercise', ''), pack)})"


def _predicate(path: str, sentence: str, document: Document, pack: Pack) -> str:
    """A field's message as the end of a sentence that begins with the field: "… must be 3."."""
    if path == "starts_on":
        return f"must be a real date, such as {words.DATE_TYPED}."
    documented = _documented(path, document, pack)
    if documented and sentence.startswith("Must be a whole number"):
        return f"must be a whole number; the source documents {documented}."
    return sentence[:1].lower() + sentence[1:]


def _documented(path: str, document: Document, pack: Pack) -> Range | None:
    if path == "warm_up.minutes":
        return pack.warm_up_minutes
    index, items = _index(path), items_of(document)
    exercise = pack.exercise(items[index].get("exercise", "")) if index is not None and index < len(items) else None
    return exercise.doses.get(path.rpartition(".")[2]) if exercise else None


def todo(errors: Mapping[str, str], findings: Sequence[Finding]) -> list[tuple[str, str]]:
    """What stands between the draft and a handout: where to go, and why."""
    found = [(f"#{anchor(name)}", message) for name, message in errors.items()]
    found += [(f"#{target(one.path)}", one.message) for one in findings if one.severity == "block"]
    waiting = len({one.code for one in findings if one.severity == "caution" and not one.acknowledged})
    if waiting:
        words_of = "1 finding" if waiting == 1 else f"{waiting} findings"
        found.append(("", f"Give a reason for {words_of} on the next page."))
    return found


def target(path: str) -> str:
    """The id on the builder of what a finding is about."""
    if path.startswith("screening"):
        return "screening-findings"
    if path == "items":
        return "library"
    if path == "warm_up":
        return "warm_up-activity"
    return anchor(path)
