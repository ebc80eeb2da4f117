"""From a folder of TOML to a Pack. What is not sound does not load, and the error names file, key and value."""

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError

from prescriptions import figures
from prescriptions.catalogue import Exercise, Pack, Statement
from prescriptions.errors import PackError
from prescriptions.pack_schema import (
    EducationSchema,
    ExerciseSchema,
    PackSchema,
    PrecautionsSchema,
    ScreeningSchema,
    StatementsSchema,
)
from prescriptions.pack_soundness import assert_sound


def load_pack(folder: Path) -> Pack:
    """Load the pack in ``folder``; raises PackError."""
    facts = _load(folder, "pack.toml", PackSchema())
    screening = _load(folder, "screening.toml", ScreeningSchema())
    rules = _load(folder, "precautions.toml", PrecautionsSchema())["rule"]
    pack = Pack(
        id=facts["id"],
        version=facts["version"],
        title=facts["title"],
        plain_title=facts["plain_title"],
        document=facts["document"],
        reviewed_on=facts["reviewed_on"].isoformat(),
        review_by=facts["review_by"].isoformat(),
        statements=_statements(folder),
        exercises=_exercises(folder),
        rules=rules,
        sensations=_by_id(screening["sensation"], "screening.toml", "sensation"),
        causes=_by_id(screening["cause"], "screening.toml", "cause"),
        frequency=facts["frequency"],
        warm_up_minutes=facts["warm_up_minutes"],
        estimates=facts["estimates"],
        education=_load(folder, "education.toml", EducationSchema()),
        digest=_digest(folder),
    )
    assert_sound(pack)
    return pack


def _load(folder: Path, file: str, schema: Schema) -> Any:  # noqa: ANN401  each schema builds its own value
    try:
        data = tomllib.loads((folder / file).read_text(encoding="utf-8"))
    except OSError:
        raise PackError(file, "file", "is missing") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PackError(file, "file", f"is not TOML: {error}") from None
    try:
        return schema.load(data)
    except ValidationError as error:
        key, reason = _first_problem(error.messages, data)
        raise PackError(file, key, reason) from None


def _first_problem(messages: Any, data: Any, key: str = "") -> tuple[str, str]:  # noqa: ANN401  a tree of either kind
    """The path of the first message in marshmallow's tree, and its words with the value they are about."""
    if not isinstance(messages, Mapping):
        value = "" if isinstance(data, Mapping | None) else f" (value: {data!r})"
        return key, f"{' '.join(messages)}{value}"
    name, inner = next(iter(messages.items()))
    if name == "value" and "key" not in data:  # marshmallow's own step from a table's key to its value
        return _first_problem(inner, data, key)
    return _first_problem(inner, _below(data, name), _step(key, name))


def _below(data: Any, name: str | int) -> Any:  # noqa: ANN401  a tree of either kind
    if isinstance(name, int):
        return data[name]
    return data.get(name) if isinstance(data, Mapping) else None


def _step(key: str, name: str | int) -> str:
    if isinstance(name, int):
        return f"{key}[{name}]"
    return f"{key}.{name}" if key else name


def _statements(folder: Path) -> Mapping[str, Statement]:
    return _by_id(_load(folder, "statements.toml", StatementsSchema())["statement"], "statements.toml", "statement")


def _by_id(entries: Iterable[Any], file: str, key: str) -> dict[str, Any]:
    entries = list(entries)
    for name, count in Counter(entry.id for entry in entries).items():
        if count > 1:
            raise PackError(file, key, f"the id {name!r} stands {count} times")
    return {entry.id: entry for entry in entries}


def _exercises(folder: Path) -> Mapping[str, Exercise]:
    loaded: dict[str, tuple[int, Exercise]] = {}
    for path in sorted((folder / "exercises").glob("*.toml")):
        file = f"exercises/{path.name}"
        data = _load(folder, file, ExerciseSchema())
        order, name = data.pop("order"), data["id"]
        if name in loaded:
            raise PackError(file, "id", f"{name!r} is already taken by exercises/{name}.toml")
        if name != path.stem:
            raise PackError(file, "id", f"{name!r} is not the name of its file")
        figure = folder / "figures" / path.name
        if not figure.is_file():
            raise PackError(f"figures/{path.name}", "file", "is missing")
        loaded[name] = (order, Exercise(**data, figure=figure, figure_source=figures.sources(figure)))
    return {name: exercise for name, (_, exercise) in sorted(loaded.items(), key=lambda entry: (entry[1][0], entry[0]))}


def _digest(folder: Path) -> str:
    """A hash over every file of the pack, by name and content."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.toml")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return f"sha256:{digest.hexdigest()}"
