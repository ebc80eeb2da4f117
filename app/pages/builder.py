"""What the builder's buttons do to a draft. Pure: a document in, a document out; every value stays as it was typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import BadRequest

from app.pages.forms import Nested, date_text, group, groups, text, texts
from prescriptions.catalogue import Pack
from prescriptions.dose import PARAMETERS
from prescriptions.program_schema import MOST_ITEMS

Document = dict[str, Any]

STEPS = {"up": -1, "down": 1}
ITEM_FIELDS = ("exercise", "side", *PARAMETERS, "note", "sessions_per_week")
PLAN = ("warm_up", "sessions_per_week", "weeks", "starts_on", "timing")
"""What stands below the exercises."""


@dataclass(frozen=True, slots=True)
class Removed:
    """An item that was just taken out, and where it stood, so that it can come back."""

    position: int
    item: Document


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a button made of a draft."""

    document: Document
    target: str = ""
    """The id of the element to go on at."""
    said: str = ""
    """What happened, in a sentence; empty where the page itself shows it."""
    removed: Removed | None = None


def document_of(form: Nested, kept: Mapping[str, Any]) -> Document:
    """The draft that a builder form says. Reasons are not on that form: they stay as ``kept`` has them."""
    document: Document = {
        "items": [_item(one) for one in groups(form, "items")],
        "warm_up": {name: text(group(form, "warm_up"), name) for name in ("activity", "minutes")},
        "sessions_per_week": text(form, "sessions_per_week"),
        "weeks": text(form, "weeks"),
        "starts_on": date_text(group(form, "starts_on")),
        "timing": texts(form, "timing"),
    }
    if kept.get("acknowledgements"):
        document["acknowledgements"] = kept["acknowledgements"]
    return document


def _item(one: Mapping[str, Any]) -> Document:
    return {name: text(one, name) for name in ITEM_FIELDS if name in one}


def items_of(document: Mapping[str, Any]) -> list[Document]:
    """The items of a draft; a new one has none."""
    found: list[Document] = document.get("items") or []
    return found


def edited(before: Mapping[str, Any], after: Document) -> str:
    """The id of the last thing on the page that differs: whoever fills in a form goes down it. Empty when none does."""
    if any(_given(before.get(name)) != _given(after.get(name)) for name in PLAN):
        return "plan"
    was, now = items_of(before), items_of(after)
    changed = [index for index, one in enumerate(now) if index >= len(was) or _given(one) != _given(was[index])]
    return f"items-{changed[-1]}-title" if changed else ""


def _given(value: object) -> object:
    """What of it is filled in: an empty field is as good as none."""
    return ({name: one for name, one in value.items() if one} if isinstance(value, Mapping) else value) or None


def act(document: Document, action: str, form: Nested, pack: Pack, side: str) -> Outcome:
    """Do what the button ``action`` says: "add:<exercise>", "remove:0", "up:1", "down:0", "undo".

    ``side`` is what the screening suggests for an exercise that is added. Raises BadRequest for a button we don't have.
    """
    name, _, argument = action.partition(":")
    if name == "add":
        return _add(document, argument, pack, side)
    if name == "undo":
        return _undo(document, group(form, "undo"), pack)
    if name == "remove":
        return _remove(document, _index(document, argument))
    if name in STEPS:
        index = _index(document, argument)
        return _move(document, index, index + STEPS[name], pack)
    raise BadRequest("There is no such button.")


def _index(document: Document, argument: str) -> int:
    index = int(argument) if argument.isascii() and argument.isdigit() else MOST_ITEMS
    if index >= len(items_of(document)):
        raise BadRequest("There is no such exercise in the draft.")
    return index


def name_of(exercise_id: str, pack: Pack) -> str:
    """The exercise's name; its id where the catalogue doesn't know it."""
    exercise = pack.exercises.get(exercise_id)
    return exercise.name if exercise else exercise_id


def _with(document: Document, items: list[Document]) -> Document:
    return document | {"items": items}


def _add(document: Document, exercise_id: str, pack: Pack, side: str) -> Outcome:
    exercise = pack.exercise(exercise_id)
    if exercise is None:
        raise BadRequest("There is no such exercise in the catalogue.")
    if len(items_of(document)) >= MOST_ITEMS:
        return Outcome(document, "program-title", f"A program holds {MOST_ITEMS} exercises at most.")
    item: Document = {"exercise": exercise.id}
    if exercise.per_leg:
        item["side"] = side
    item |= {key: str(documented.default) for key, documented in exercise.doses.items()}
    items = [*items_of(document), item | {"note": "", "sessions_per_week": ""}]
    position = len(items)
    return Outcome(
        _with(document, items), f"items-{position - 1}-title", f"{exercise.name} was added as exercise {position}."
    )


def _remove(document: Document, index: int) -> Outcome:
    items = items_of(document)
    return Outcome(_with(document, items[:index] + items[index + 1 :]), removed=Removed(index, items[index]))


def _undo(document: Document, undo: Nested, pack: Pack) -> Outcome:
    items = items_of(document)
    item = _item(group(undo, "item"))
    position = text(undo, "position")
    if not item or not position.isdigit():
        raise BadRequest("There is nothing to bring back.")
    index = min(int(position), len(items))
    name = name_of(item.get("exercise", ""), pack)
    return Outcome(
        _with(document, [*items[:index], item, *items[index:]]),
        f"items-{index}-title",
        f"{name} is back as exercise {index + 1}.",
    )


def _move(document: Document, index: int, to: int, pack: Pack) -> Outcome:
    items = list(items_of(document))
    if not 0 <= to < len(items):
        return Outcome(document, f"items-{index}-title")
    items[index], items[to] = items[to], items[index]
    name = name_of(items[to].get("exercise", ""), pack)
    return Outcome(_with(document, items), f"items-{to}-title", f"{name} is now exercise {to + 1} of {len(items)}.")
