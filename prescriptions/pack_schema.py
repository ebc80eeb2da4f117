"""The shape of a pack: marshmallow schemas that build the values of ``catalogue`` from TOML and refuse unknown keys."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, fields, post_load, validate

from prescriptions.catalogue import (
    Cause,
    Contrast,
    Education,
    Estimates,
    Need,
    Principle,
    Question,
    Remark,
    Rule,
    Sensation,
    Sourced,
    Statement,
)
from prescriptions.check import SEVERITIES
from prescriptions.dose import PARAMETERS, Range
from prescriptions.precautions import CONDITIONS, KINDS, MOVEMENTS, TRAITS
from prescriptions.program import TIMINGS
from prescriptions.program_fields import Flag
from prescriptions.screening import CAUSES, EQUIPMENT, SENSATIONS
from prescriptions.trace import KINDS as WAYS_TO_KEEP

POSITIONS = ("lying", "floor", "standing", "seated")


class Tuple(fields.List[Any]):
    """A list that arrives as a tuple, since every value of a pack is frozen."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  marshmallow's own signature
        return tuple(super()._deserialize(value, *args, **kwargs))


def _words(**options: object) -> fields.String:
    return fields.String(required=True, validate=validate.Length(min=1), **options)  # type: ignore[arg-type]  # passed through


def _one_of(choices: object) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(tuple(choices)))  # type: ignore[arg-type]  # any iterable of words


def _some_of(choices: object, *, required: bool = False) -> Tuple:
    inner = fields.String(validate=validate.OneOf(tuple(choices)))  # type: ignore[arg-type]  # any iterable of words
    length = validate.Length(min=1) if required else None
    return Tuple(inner, required=True, validate=length) if required else Tuple(inner, load_default=())


def _source() -> Tuple:
    return Tuple(_words(), required=True, validate=validate.Length(min=1))


def _number() -> fields.Integer:
    return fields.Integer(strict=True, required=True, validate=validate.Range(1, 999))


class PackPart(Schema):
    """A part of a pack that becomes a frozen value."""

    builds: ClassVar[type | None] = None

    class Meta:
        """What is not documented is an error, never ignored."""

        unknown = RAISE

    @post_load
    def _build(self, data: Mapping[str, object], **_: object) -> object:
        return self.builds(**data) if self.builds else data


class SourcedSchema(PackPart):
    builds: ClassVar[type | None] = Sourced
    text = _words()
    source = _source()


class RemarkSchema(SourcedSchema):
    builds = Remark
    kept_as = _one_of(("text", "note"))


class PrincipleSchema(SourcedSchema):
    builds = Principle
    kinds = _some_of(KINDS)


class RangeSchema(PackPart):
    builds = Range
    low = _number()
    high = _number()
    default = _number()
    source = _source()
    confirmed_by = Tuple(_words(), load_default=())


class NeedSchema(PackPart):
    builds = Need
    any_of = _some_of(EQUIPMENT, required=True)
    source = _source()


class ExerciseSchema(PackPart):
    """One file below ``exercises/``; ``order`` is its place in the catalogue."""

    id = _words()
    order = _number()
    name = _words()
    plain_name = _words()
    kind = _one_of(KINDS)
    movement = _one_of(MOVEMENTS)
    published = Flag(required=True)
    per_leg = Flag(required=True)
    per_leg_source = _source()
    position = _one_of(POSITIONS)
    traits = _some_of(TRAITS)
    needs = Tuple(fields.Nested(NeedSchema), load_default=())
    doses = fields.Dict(_one_of(PARAMETERS), fields.Nested(RangeSchema), required=True, validate=validate.Length(min=1))
    dose_source = _source()
    volume_parameter = _one_of(PARAMETERS)
    not_applicable = fields.Dict(_one_of(PARAMETERS), _source(), load_default=dict)
    purpose = fields.Nested(SourcedSchema, required=True)
    steps = Tuple(fields.Nested(SourcedSchema), required=True, validate=validate.Length(1, 7))
    feel = Tuple(fields.Nested(SourcedSchema), required=True, validate=validate.Length(min=1))
    not_felt = Tuple(fields.Nested(SourcedSchema), load_default=())
    avoid = Tuple(fields.Nested(SourcedSchema), load_default=())
    clinician = Tuple(fields.Nested(SourcedSchema), load_default=())


class StatementSchema(PackPart):
    builds = Statement
    id = _words()
    summary = _words()
    kept_as = _some_of(WAYS_TO_KEEP, required=True)


class SensationSchema(PackPart):
    builds = Sensation
    id = _one_of(SENSATIONS)
    label = _words()
    source = _source()


class CauseSchema(PackPart):
    builds = Cause
    id = _one_of(CAUSES)
    label = _words()
    advice = _words()
    source = _source()


class RuleSchema(PackPart):
    builds = Rule
    code = fields.String(required=True, validate=validate.Regexp(r"[a-z][a-z0-9-]{2,59}\Z"))
    severity = _one_of(SEVERITIES)
    condition = _one_of(CONDITIONS)
    options = fields.Dict(_words(), fields.Raw(), load_default=dict)
    message = _words()
    source = Tuple(_words(), load_default=())
    remedy = fields.String(load_default="")
    alternative = fields.String(load_default="")
    ends_check = Flag(load_default=False)
    reasons = Tuple(_words(), load_default=(), validate=validate.Length(max=6))


class ContrastSchema(PackPart):
    builds = Contrast
    question = _words()
    muscle = _words()
    nerve = _words()
    source = _source()


class QuestionSchema(PackPart):
    builds = Question
    question = _words()
    answer = Tuple(fields.Nested(SourcedSchema), required=True, validate=validate.Length(min=1))
    kinds = _some_of(KINDS)


class EducationSchema(PackPart):
    builds = Education
    purpose = Tuple(fields.Nested(SourcedSchema), required=True, validate=validate.Length(1, 3))
    warm_up = Tuple(fields.Nested(SourcedSchema), required=True)
    routine = Tuple(fields.Nested(SourcedSchema), required=True)
    timing = fields.Dict(_one_of(TIMINGS), fields.Nested(SourcedSchema), required=True)
    principles = Tuple(fields.Nested(PrincipleSchema), required=True)
    stop = Tuple(fields.Nested(SourcedSchema), required=True, validate=validate.Length(min=1))
    contrasts = Tuple(fields.Nested(ContrastSchema), required=True)
    contrast_close = Tuple(fields.Nested(SourcedSchema), required=True)
    questions = Tuple(fields.Nested(QuestionSchema), required=True)
    anatomy = Tuple(fields.Nested(SourcedSchema), required=True)
    clinician = Tuple(fields.Nested(RemarkSchema), required=True)


class EstimatesSchema(PackPart):
    builds = Estimates
    change_seconds = _number()
    repetition_seconds = _number()


class PackSchema(PackPart):
    """The file ``pack.toml``."""

    id = _words()
    version = fields.String(required=True, validate=validate.Regexp(r"\d+\.\d+\.\d+\Z"))
    title = _words()
    plain_title = _words()
    document = _words()
    reviewed_on = fields.Date(required=True, format="%Y-%m-%d")
    review_by = fields.Date(required=True, format="%Y-%m-%d")
    estimates = fields.Nested(EstimatesSchema, required=True)
    frequency = fields.Nested(RangeSchema, required=True)
    warm_up_minutes = fields.Nested(RangeSchema, required=True)


class StatementsSchema(PackPart):
    """The file ``statements.toml``."""

    statement = Tuple(fields.Nested(StatementSchema), required=True)


class ScreeningSchema(PackPart):
    """The file ``screening.toml``: what the screening asks."""

    sensation = Tuple(fields.Nested(SensationSchema), required=True)
    cause = Tuple(fields.Nested(CauseSchema), load_default=())


class PrecautionsSchema(PackPart):
    """The file ``precautions.toml``."""

    rule = Tuple(fields.Nested(RuleSchema), required=True)
