"""Figure files: TOML to a ``Figure``, or a PackError that names the file, the key and what is wrong with it."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING
from dataclasses import fields as dataclass_fields
from string import Formatter
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from prescriptions.errors import PackError
from prescriptions.figures.figure import (
    BOTH_LEGS,
    ONE_LEG,
    Arrow,
    Figure,
    Plant,
    Position,
    Prop,
    Pull,
    Reach,
    Rest,
    Stand,
    Stretch,
    Target,
    Touch,
)
from prescriptions.figures.pose import ArmAngles, LegAngles

# What each kind of prop must be told; a strap and a pillow find their own place.
PROPS: Mapping[str, frozenset[str]] = {
    "floor": frozenset({"x", "width"}),
    "mat": frozenset({"x", "width"}),
    "step": frozenset({"x", "width", "height"}),
    "chair": frozenset({"x", "width", "height"}),
    "strap": frozenset(),
    "pillow": frozenset(),
}
JOINTS = ("near toes", "near heel", "near knee", "near hand", "shoulder", "crown", "face")
UNKNOWN = "Unknown field."
LIMBS = ("near thigh", "near shin", "far thigh", "far shin")


def _number(low: float, high: float, *, required: bool = False) -> fields.Float:
    bounds = validate.Range(low, high, error="{input} is not between {min} and {max}.")
    return fields.Float(required=required, validate=bounds)


def _place() -> fields.Float:
    return _number(-2, 2)


def _one_of(*options: str, required: bool = True) -> fields.String:
    known = validate.OneOf(options, error="{input} is not one of {choices}.")
    return fields.String(required=required, validate=known)


def _names_only_sides(text: str) -> None:
    try:
        names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise ValidationError(f"Only {{leg}} and {{other}} may stand in braces: {error}.") from error
    if names - {"leg", "other"}:
        raise ValidationError(f"{{{min(names - {'leg', 'other'})}}} is neither {{leg}} nor {{other}}.")


class _Forms(Schema):
    """A table that may be written in more than one way, each with its own keys and its own value."""

    FORMS: tuple[Any, ...] = ()

    @validates_schema
    def _is_one_form(self, data: dict[str, Any], **_: object) -> None:
        if not any(_fits(form, data) for form in self.FORMS):
            ways = " or ".join("{" + ", ".join(form.__match_args__) + "}" for form in self.FORMS)
            raise ValidationError(f"Needs {ways}, not {{{', '.join(data)}}}.")

    @post_load
    def _as_value(self, data: dict[str, Any], **_: object) -> object:
        return next(form for form in self.FORMS if _fits(form, data))(**data)


def _fits(form: Any, data: Mapping[str, object]) -> bool:  # noqa: ANN401 - any dataclass of figure or pose
    needed = {field.name for field in dataclass_fields(form) if field.default is MISSING}
    return needed <= set(data) <= set(form.__match_args__)


class _PelvisSchema(_Forms):
    FORMS = (Rest, Stand)
    on = _one_of("floor", "chair", required=False)
    x = _place()
    near_knee = _number(0, 150)
    far_knee = _number(0, 150)


class _LegSchema(_Forms):
    FORMS = (LegAngles, Plant, Stretch)
    hip = _number(-30, 140)
    knee = _number(0, 150)
    ankle = _number(-60, 40)
    on = _one_of("floor", "step", required=False)
    x = _place()
    toes = _number(-60, 120)


class _ArmSchema(_Forms):
    FORMS = (ArmAngles, Touch, Reach, Pull)
    shoulder = _number(-60, 180)
    elbow = _number(0, 150)
    wrist = _number(-80, 80)
    on = _one_of(*LIMBS, required=False)
    along = _number(0, 1)
    toward = _one_of("near toes", "far toes", required=False)
    reach = _number(0.2, 0.99)
    strap = _number(0.1, 1)


class _ArrowSchema(Schema):
    follow = _one_of(*JOINTS)
    clear = _number(-0.3, 0.3, required=True)
    longest = _number(0.05, 1, required=True)

    @post_load
    def _as_value(self, data: dict[str, Any], **_: object) -> Arrow:
        return Arrow(**data)


class _PositionSchema(Schema):
    text = fields.String(required=True, validate=[validate.Length(min=1, max=400), _names_only_sides])
    felt = fields.Boolean(required=True, truthy={True}, falsy={False})
    trunk = _number(0, 180, required=True)
    neck = _number(-40, 60, required=True)
    head = _number(-40, 60, required=True)
    pelvis = fields.Nested(_PelvisSchema, required=True)
    near_leg = fields.Nested(_LegSchema, required=True)
    far_leg = fields.Nested(_LegSchema, required=True)
    near_arm = fields.Nested(_ArmSchema, required=True)
    far_arm = fields.Nested(_ArmSchema, required=True)
    arrows = fields.List(fields.Nested(_ArrowSchema), load_default=())

    @post_load
    def _as_value(self, data: dict[str, Any], **_: object) -> Position:
        return Position(**{**data, "arrows": tuple(data["arrows"])})


class _PropSchema(Schema):
    kind = _one_of(*PROPS)
    x = _place()
    width = _number(0.05, 3)
    height = _number(0, 1)

    @validates_schema
    def _has_its_keys(self, data: dict[str, Any], **_: object) -> None:
        needs = PROPS[data["kind"]]
        if set(data) - {"kind"} != needs:
            raise ValidationError(f"A {data['kind']} needs {', '.join(sorted(needs)) or 'nothing'} beside its kind.")

    @post_load
    def _as_value(self, data: dict[str, Any], **_: object) -> Prop:
        return Prop(**data)


class _TargetSchema(Schema):
    thigh = _number(0, 1, required=True)
    calf = _number(0, 1, required=True)

    @post_load
    def _as_value(self, data: dict[str, Any], **_: object) -> Target:
        return Target(**data)


class _FigureSchema(Schema):
    source = fields.List(fields.String(), required=True, validate=validate.Length(min=1))
    works = _one_of(ONE_LEG, BOTH_LEGS)
    target = fields.Nested(_TargetSchema, required=True)
    props = fields.List(fields.Nested(_PropSchema), required=True)
    positions = fields.List(fields.Nested(_PositionSchema), required=True, validate=validate.Length(min=2, max=3))


def parse(content: bytes, file: str) -> Figure:
    """The picture in ``content``; ``file`` is the name errors are to mention. Raises PackError."""
    try:
        table = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PackError(file, "file", str(error)) from error
    try:
        data = _FigureSchema().load(table)
    except ValidationError as error:
        # An unknown key comes first: it is often the misspelling behind a missing one.
        key, reason = min(_flat(error.messages), key=lambda complaint: complaint[1] != UNKNOWN)
        raise PackError(file, key, reason) from error
    if data["positions"][0].arrows:
        raise PackError(file, "positions[0].arrows", "nothing has moved before the first position")
    return Figure(
        file=file,
        source=tuple(data["source"]),
        works=data["works"],
        target=data["target"],
        props=tuple(data["props"]),
        positions=tuple(data["positions"]),
    )


def _flat(messages: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every complaint with the path to its key, as in ``positions[0].near_leg``."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            step = "" if key == "_schema" else f"[{key}]" if isinstance(key, int) else f".{key}"
            yield from _flat(inner, (path + step).lstrip("."))
    elif isinstance(messages, list):
        for message in messages:
            yield path or "file", str(message)
