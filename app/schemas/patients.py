"""Patients as JSON."""

from marshmallow import Schema, fields, validate

from app.schemas.shared import PageSchema, SearchPage, Strict
from app.services.patients import LONGEST
from app.services.words import LONGEST_SEARCH


class PatientIn(Strict):
    """A new patient."""

    name = fields.String(required=True, validate=validate.Length(1, LONGEST))
    identifier = fields.String(load_default="", validate=validate.Length(max=LONGEST))
    birth_date = fields.String(
        load_default="", validate=validate.Length(max=10), metadata={"description": "ISO date, such as 1984-03-09."}
    )


class PatientSearch(SearchPage):
    """Which patients."""

    text = fields.String(
        required=True,
        validate=validate.Length(max=LONGEST_SEARCH),
        metadata={"description": "Words of the name or the identifier."},
    )


class PatientOut(Schema):
    """A patient."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    identifier = fields.String(required=True, allow_none=True)
    birth_date = fields.String(required=True, allow_none=True)
    revision = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")
    updated_at = fields.AwareDateTime(required=True, format="iso")


class PatientPage(PageSchema):
    """Patients by name."""

    items = fields.List(fields.Nested(PatientOut), required=True)
