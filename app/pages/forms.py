"""From the flat names of a form to nested data: ``items.0.sets`` is the sets of the first item. Values stay text."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

Nested = dict[str, Any]

MOST_FIELDS = 1500
DEEPEST = 5
LONGEST_NAME = 120
LARGEST_INDEX = 999

_BREAKS = re.compile(r"[\r\n\t\u2028\u2029]+")


def nest(form: MultiDict[str, str]) -> Nested:
    """The form as nested data, with the first of several values. Raises BadRequest for what no page of ours sends."""
    if len(form) > MOST_FIELDS:
        raise BadRequest("This form has too many fields.")
    root: Nested = {}
    for name, value in form.items():
        _place(root, name, single_line(value))
    return {name: _with_lists(inner) for name, inner in root.items()}


def single_line(value: str) -> str:
    """Line breaks and tabs become single spaces: every field is one paragraph."""
    return _BREAKS.sub(" ", value)


def _place(root: Nested, name: str, value: str) -> None:
    parts = name.split(".")
    if len(parts) > DEEPEST or len(name) > LONGEST_NAME or not all(parts):
        raise BadRequest("This form has a field that no page of ours sends.")
    here = root
    for part in parts[:-1]:
        here = here.setdefault(part, {})
        if not isinstance(here, dict):
            raise BadRequest("This form names one field in two ways.")
    if parts[-1] in here:
        raise BadRequest("This form names one field in two ways.")
    here[parts[-1]] = value


def _with_lists(value: object) -> object:
    if not isinstance(value, dict):
        return value
    inner = {key: _with_lists(one) for key, one in value.items()}
    if not all(_is_index(key) for key in inner):
        return inner
    return [inner[key] for key in sorted(inner, key=int)]


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdigit() and int(key) <= LARGEST_INDEX


def text(data: Mapping[str, Any], name: str) -> str:
    """The text of that name; empty when there is none."""
    found = data.get(name)
    return found if isinstance(found, str) else ""


def texts(data: Mapping[str, Any], name: str) -> list[str]:
    """The ticked boxes of that name."""
    found = data.get(name)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def group(data: Mapping[str, Any], name: str) -> Nested:
    """The fields below that name."""
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def groups(data: Mapping[str, Any], name: str) -> list[Nested]:
    """The numbered groups of fields below that name, in order."""
    found = data.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def whole(value: str) -> int:
    """A number that our own page wrote into a hidden field. Raises BadRequest for anything else."""
    if not (value.isascii() and value.isdigit() and len(value) <= len("999999999")):
        raise BadRequest("This form lacks a number that our pages send.")
    return int(value)


def date_text(parts: Mapping[str, Any]) -> str:
    """Day, month and year as one text: an ISO date where they are numbers, else just what was typed, to be refused."""
    day, month, year = (text(parts, name).strip() for name in ("day", "month", "year"))
    if not (day or month or year):
        return ""
    return f"{year}-{_two(month)}-{_two(day)}"


def _two(part: str) -> str:
    return part.zfill(2) if part.isascii() and part.isdigit() else part


def date_parts(iso: str) -> dict[str, str]:
    """The three fields of a date text, also of one that is no date."""
    year, month, day = (*iso.split("-", 2), "", "", "")[:3]
    return {"day": day.removeprefix("0"), "month": month.removeprefix("0"), "year": year}


def date_problem(iso: str, words: str) -> str | None:
    """What is wrong with a typed date, as a sentence that begins with ``words``; None for a good or an empty one."""
    if not iso:
        return None
    missing = [name for name, part in date_parts(iso).items() if not part]
    if missing:
        return f"{words} must include a {' and a '.join(missing)}."
    try:
        found = date.fromisoformat(iso).isoformat()
    except ValueError:
        found = ""
    return None if found == iso else f"{words} must be a real date, such as 9 3 2026."


def with_subject(subject: str, message: str) -> str:
    """The message as a whole sentence, for where no field stands beside it."""
    bare = message.startswith(("Has ", "Holds "))
    return f"{subject} {message[:1].lower()}{message[1:]}" if bare else message


def field_of(path: str) -> str:
    """The form's name for a path of the program file: "items[0].hold_seconds" is "items.0.hold_seconds"."""
    return re.sub(r"\[(\d+)\]", r".\1", path)


def anchor(path: str) -> str:
    """The id of the element that a path is about."""
    return field_of(path).replace(".", "-")
