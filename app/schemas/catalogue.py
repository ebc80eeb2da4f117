"""The catalogue and the verdict as JSON."""

from marshmallow import Schema, fields


class RangeOut(Schema):
    """What the source documents for one parameter."""

    low = fields.Integer(required=True)
    high = fields.Integer(required=True)
    default = fields.Integer(required=True)
    source = fields.List(fields.String(), required=True)


class ExerciseLine(Schema):
    """An exercise in the list."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    position = fields.String(required=True)
    per_leg = fields.Boolean(required=True)
    doses = fields.Dict(keys=fields.String(), values=fields.Nested(RangeOut), required=True)


class SourcedOut(Schema):
    """A sentence with the statements it rests on."""

    text = fields.String(required=True)
    source = fields.List(fields.String(), required=True)


class NeedOut(Schema):
    """Equipment: any one of the alternatives."""

    any_of = fields.List(fields.String(), required=True)
    source = fields.List(fields.String(), required=True)


class ExerciseOut(ExerciseLine):
    """An exercise."""

    plain_name = fields.String(required=True)
    purpose = fields.Nested(SourcedOut, required=True)
    steps = fields.List(fields.Nested(SourcedOut), required=True)
    feel = fields.List(fields.Nested(SourcedOut), required=True)
    avoid = fields.List(fields.Nested(SourcedOut), required=True)
    needs = fields.List(fields.Nested(NeedOut), required=True)


class CatalogueOut(Schema):
    """The catalogue."""

    pack = fields.String(required=True)
    version = fields.String(required=True)
    digest = fields.String(required=True)
    title = fields.String(required=True)
    exercises = fields.List(fields.Nested(ExerciseLine), required=True)


class CatalogueReference(Schema):
    """The catalogue a verdict was made with."""

    pack = fields.String(required=True)
    version = fields.String(required=True)
    digest = fields.String(required=True)


class FindingOut(Schema):
    """One thing the check found."""

    code = fields.String(required=True)
    severity = fields.String(required=True)
    path = fields.String(required=True)
    message = fields.String(required=True)
    source = fields.List(fields.String(), required=True)
    acknowledged = fields.Boolean(required=True)


class VerdictOut(Schema):
    """What the check says of a program."""

    verdict = fields.String(required=True)
    catalogue = fields.Nested(CatalogueReference, required=True)
    session_minutes = fields.Integer(required=True, allow_none=True)
    findings = fields.List(fields.Nested(FindingOut), required=True)
