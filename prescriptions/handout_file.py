"""A handout as JSON-able data and back, exactly: what is stored with an issued program."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import get_args, get_origin, get_type_hints

from prescriptions.errors import MalformedError
from prescriptions.handout import Handout

FORMAT = "holdwell-handout/2"
FIRST_FORMAT = "holdwell-handout/1"
"""Of handouts that were issued before their program file went with them."""


def to_dict(handout: Handout) -> dict[str, object]:
    """Objects, lists, strings and numbers only."""
    data = _plain(handout)
    assert isinstance(data, dict)  # noqa: S101 - for the type checker: a dataclass becomes an object
    return {"format": FORMAT, **data}


def from_dict(data: Mapping[str, object]) -> Handout:
    """The handout that was stored; raises MalformedError by path when it is not exactly of this format."""
    rest = dict(data)
    found = rest.pop("format", None)
    if found == FIRST_FORMAT:
        rest.setdefault("program_file", "")
    elif found != FORMAT:
        raise MalformedError({"format": [f"Must be {FORMAT}."]})
    handout = _value(Handout, rest, "handout")
    assert isinstance(handout, Handout)  # noqa: S101 - for the type checker
    return handout


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


def _value(wanted: object, data: object, path: str) -> object:
    if get_origin(wanted) is tuple:
        return _row(get_args(wanted)[0], data, path)
    if isinstance(wanted, type) and is_dataclass(wanted):
        return _record(wanted, data, path)
    if type(data) is not wanted:
        raise MalformedError({path: [f"Must be {'a whole number' if wanted is int else 'text'}."]})
    return data


def _row(wanted: object, data: object, path: str) -> tuple[object, ...]:
    if not isinstance(data, list):
        raise MalformedError({path: ["Must be a list."]})
    return tuple(_value(wanted, part, f"{path}[{index}]") for index, part in enumerate(data))


def _record(wanted: type, data: object, path: str) -> object:
    types = get_type_hints(wanted)
    if not isinstance(data, Mapping) or set(data) != set(types):
        raise MalformedError({path: [f"Must be an object with {', '.join(types)}."]})
    return wanted(**{name: _value(kind, data[name], f"{path}.{name}") for name, kind in types.items()})
