"""The program file, both ways: text or data to a Program with every problem named by path, and back."""

import datetime as dt
import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from marshmallow import ValidationError

from prescriptions.catalogue import Pack
from prescriptions.errors import MalformedError
from prescriptions.program import Acknowledgement, Item, Patient, Program, Side, WarmUp
from prescriptions.program_schema import FORMAT, NO_SUCH_FIELD, program_schema
from prescriptions.screening import Leg, Screening

LARGEST_BYTES = 256 * 1024
DEEPEST = 20
LONGEST_KEY = 80
FILE = "file"
"""The path of a problem with the file as a whole."""


_DEEP_KEY = re.compile(rf"""(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){{{DEEPEST}}}""")
"""A dotted key deeper than any file may be: the TOML reader needs time and memory by the square of its parts."""
_PLAIN_KEY = re.compile(r"[\w-]+")


class _Doubled(dict[str, Any]):
    """A JSON object in which a key stands twice."""

    def __init__(self, pairs: Iterable[tuple[str, Any]]) -> None:
        pairs = list(pairs)
        super().__init__(pairs)
        self.doubled = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]


class _NotJson:
    """NaN or Infinity: Python reads them, JSON does not have them. No field takes it."""

    def __init__(self, _name: str) -> None:
        pass


def parse(text: str | bytes, pack: Pack, *, toml: bool = False) -> Program:
    """Read the text of a program file; raises MalformedError with every problem at once."""
    data, errors = _decode(text, toml=toml)
    return _read(data, pack, errors)


def read(data: object, pack: Pack) -> Program:
    """Read a program from JSON values; raises MalformedError with every problem at once."""
    return _read(data, pack, {})


def _decode(text: str | bytes, *, toml: bool) -> tuple[object, dict[str, list[str]]]:
    raw = _sized(text)
    try:
        return _decode_toml(raw) if toml else _decode_json(raw)
    except UnicodeDecodeError:
        raise _bad_file("Must be UTF-8 text.") from None
    except RecursionError:
        raise _bad_file(f"Must be nested {DEEPEST} deep at most.") from None
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise _bad_file(f"Is not {'TOML' if toml else 'JSON'}: {error}.") from None
    except ValueError:
        raise _bad_file("Holds a number that is too long to read.") from None


def _sized(text: str | bytes) -> bytes:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > LARGEST_BYTES:
        raise _bad_file(f"Must be {LARGEST_BYTES // 1024} KiB at most.")
    return raw


def _bad_file(message: str) -> MalformedError:
    return MalformedError({FILE: [message]})


def _decode_toml(raw: bytes) -> tuple[object, dict[str, list[str]]]:
    text = raw.decode("utf-8-sig")
    if _DEEP_KEY.search(text):
        raise _bad_file(f"Must be nested {DEEPEST} deep at most.")
    return _plain_dates(tomllib.loads(text)), {}


def _decode_json(raw: bytes) -> tuple[object, dict[str, list[str]]]:
    doubled: list[_Doubled] = []
    data = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_objects(doubled), parse_constant=_NotJson)
    return data, {path: [f"The key stands twice: {key}."] for path, key in _doubled(data)} if doubled else {}


def _objects(doubled: list[_Doubled]) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    """A hook for the JSON reader that also collects the objects in which a key stands twice."""

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        doubled.append(_Doubled(pairs))
        return doubled[-1]

    return build


def _doubled(data: object) -> Iterator[tuple[str, str]]:
    for path, value in _walk(data):
        if isinstance(value, _Doubled):
            for key in value.doubled:
                yield _join(path, key), _legible(key)


def _walk(data: object) -> Iterator[tuple[str, object]]:
    """Every value with its path, without recursion: the data may be nested as deep as the parser allows."""
    waiting: list[tuple[str, object]] = [("", data)]
    while waiting:
        path, value = waiting.pop()
        yield path, value
        if isinstance(value, dict):
            waiting.extend((_join(path, key), inner) for key, inner in value.items())
        elif isinstance(value, list):
            waiting.extend((f"{path}[{index}]", inner) for index, inner in enumerate(value))


def _join(path: str, key: str) -> str:
    return f"{path}.{_legible(key)}" if path else _legible(key)


def _legible(key: str) -> str:
    """A key as it may be shown: an unknown one can hold anything, even what looks like a path."""
    return key if _PLAIN_KEY.fullmatch(key) and len(key) <= LONGEST_KEY else ascii(key)[:LONGEST_KEY]


def _plain_dates(value: object) -> object:
    """TOML has dates of its own; the fields take them as text."""
    if isinstance(value, dict):
        return {key: _plain_dates(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain_dates(inner) for inner in value]
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    return value


def _read(data: object, pack: Pack, errors: dict[str, list[str]]) -> Program:
    try:
        loaded = program_schema(pack.parameters, pack.codes).load(data)  # type: ignore[arg-type]  # it refuses the rest
    except ValidationError as error:
        for path, messages in _by_path(error.messages):
            errors.setdefault(path, []).extend(messages)
        if _deeper_than(data, DEEPEST):
            errors.setdefault(FILE, []).append(f"Must be nested {DEEPEST} deep at most.")
    if errors:
        raise MalformedError(errors)
    return _program(loaded)


def _by_path(messages: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:  # noqa: ANN401  a tree of either kind
    if not isinstance(messages, Mapping):
        yield path or FILE, list(messages)
        return
    for name, inner in messages.items():
        if name == "_schema" and inner != [NO_SUCH_FIELD]:
            yield from _by_path(inner, path)
        elif isinstance(name, int):
            yield from _by_path(inner, f"{path}[{name}]")
        else:
            yield from _by_path(inner, _join(path, str(name)))


def _deeper_than(data: object, deepest: int) -> bool:
    level = [data]
    for _ in range(deepest):
        level = [inner for value in level for inner in _inside(value)]
    return any(isinstance(value, dict | list) for value in level)


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _program(loaded: Mapping[str, Any]) -> Program:
    screening, warm_up = loaded.get("screening"), loaded.get("warm_up")
    return Program(
        items=tuple(_item(item) for item in loaded["items"]),
        patient=Patient(**loaded.get("patient", {})),
        screening=None if screening is None else _screening(screening),
        warm_up=None if warm_up is None else WarmUp(**warm_up),
        sessions_per_week=loaded.get("sessions_per_week"),
        timing=loaded.get("timing", ()),
        weeks=loaded.get("weeks"),
        starts_on=loaded.get("starts_on"),
        acknowledgements=tuple(Acknowledgement(**given) for given in loaded.get("acknowledgements", ())),
    )


def _item(loaded: dict[str, Any]) -> Item:
    exercise, side = loaded.pop("exercise"), loaded.pop("side", None)
    sessions_per_week, note = loaded.pop("sessions_per_week", None), loaded.pop("note", None)
    return Item(exercise, None if side is None else Side(side), loaded, sessions_per_week, note)


def _screening(loaded: dict[str, Any]) -> Screening:
    legs = {Leg(leg): felt["sensations"] for leg, felt in loaded.pop("legs").items()}
    return Screening(legs=legs, **loaded)


def dump(program: Program) -> dict[str, Any]:
    """The program as JSON values; ``read`` gives the same program back. What is absent is left out."""
    return (
        {"format": FORMAT}
        | _without_absent(
            {
                "patient": _without_absent(_values(program.patient, "name", "identifier", "birth_date")),
                "screening": None if program.screening is None else _dump_screening(program.screening),
                "warm_up": None if program.warm_up is None else _values(program.warm_up, "activity", "minutes"),
                **_values(program, "sessions_per_week", "weeks", "starts_on"),
                "timing": list(program.timing),
                "acknowledgements": [_values(given, "code", "reason") for given in program.acknowledgements],
            }
        )
        | {"items": [_dump_item(item) for item in program.items]}
    )


def canonical(program: Program) -> str:
    """The one JSON text of a program: the same program gives the same text, always."""
    return json.dumps(dump(program), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _values(value: object, *names: str) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}


def _without_absent(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and value not in ([], {}, False)}


def _dump_item(item: Item) -> dict[str, Any]:
    side = None if item.side is None else item.side.value
    given = _values(item, "sessions_per_week", "note") | {"side": side}
    return {"exercise": item.exercise, **item.dose} | {
        name: value for name, value in given.items() if value is not None
    }


def _dump_screening(screening: Screening) -> dict[str, Any]:
    legs = {leg.value: {"sensations": list(felt)} for leg, felt in screening.legs.items()}
    optional = _values(screening, "lower_back_sensitive", "persistent")
    lists = {"causes": list(screening.causes), "equipment": list(screening.equipment)}
    return {"date": screening.date, "legs": legs} | _without_absent(optional | lists)
