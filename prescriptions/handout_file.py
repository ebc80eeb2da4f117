"""A handout as JSON-able data and back, exactly: what is stored with an issued program."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import get_args, get_origin, get_type_hints

from prescriptions.errors import MalformedError
from prescriptions.handout import Handout

FORMAT = "holdwell-handout/2"
FIRST_FORMAT = "holdwell-handout/1"
"""Written before there were layouts, and before the program file went with them. What came later has its default in
``Handout``."""


_KINDS: Mapping[object, str] = {int: "a whole number", str: "text", bool: "true or false"}


def to_dict(handout: Handout) -> dict[str, object]:
    """Objects, lists, strings and numbers only."""
    data = _plain(handout)
    assert isinstance(data, dict)  # noqa: S101 - for the type checker: a dataclass becomes an object
    return {"format": FORMAT, **data}


def from_dict(data: Mapping[str, object]) -> Handout:
    """The handout that was stored; raises MalformedError by path when it is not exactly of this format."""
    rest = dict(data)
    written = rest.pop("format", None)
    if written not in {FORMAT, FIRST_FORMAT}:
        raise MalformedError({"format": [f"Must be {FORMAT} or {FIRST_FORMAT}."]})
    if written == FIRST_FORMAT:
        rest = _LATER | rest
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
        raise MalformedError({path: [f"Must be {_KINDS[wanted]}."]})
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


_LATER = {field.name: _plain(field.default) for field in fields(Handout) if field.default is not MISSING}
