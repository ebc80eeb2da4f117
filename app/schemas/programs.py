"""Issued programs as JSON."""

from marshmallow import Schema, fields, validate

from app.schemas.shared import PageQuery, PageSchema, SearchPage, Strict
from app.services.history import STATUSES
from app.services.issuing import KEY_LENGTHS
from app.services.programs import LONGEST_REASON
from app.services.words import LONGEST_SEARCH

LONGEST_ID = 36


class IssueHeaders(Schema):
    """What makes asking twice the same as asking once."""

    idempotency_key = fields.String(
        required=True,
        data_key="Idempotency-Key",
        validate=validate.Length(*KEY_LENGTHS),
        metadata={"description": "The same key with the same body gives the same program. A new program: a new key."},
    )


class ProgramFilters(Strict):
    """Which programs, as far as no word of a patient says it."""

    status = fields.String(load_default="", validate=validate.OneOf(("", *STATUSES)))
    issued_from = fields.String(load_default="", validate=validate.Length(max=10))
    issued_to = fields.String(load_default="", validate=validate.Length(max=10))
    patient_id = fields.String(load_default="", validate=validate.Length(max=LONGEST_ID), metadata={"x-ref": "patient"})
    issued_by_id = fields.String(load_default="", validate=validate.Length(max=LONGEST_ID), metadata={"x-ref": "user"})


class ProgramQuery(ProgramFilters, PageQuery):
    """Which programs, in an address."""


class ProgramSearch(ProgramFilters, SearchPage):
    """Which programs, in a body."""

    text = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_SEARCH),
        metadata={"description": "Words of the patient's name or identifier, or the program's number."},
    )


class WithdrawalIn(Strict):
    """Why a program is taken back."""

    reason = fields.String(required=True, validate=validate.Length(1, LONGEST_REASON))


class PersonOut(Schema):
    """Somebody of the clinic."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class WithdrawalOut(Schema):
    """A withdrawal."""

    reason = fields.String(required=True)
    withdrawn_at = fields.AwareDateTime(required=True, format="iso")
    withdrawn_by = fields.Nested(PersonOut, required=True)


class ProgramLine(Schema):
    """An issued program in a list."""

    id = fields.String(required=True)
    number = fields.String(required=True)
    version = fields.Integer(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    patient_id = fields.String(required=True, metadata={"x-ref": "patient"})
    issued_at = fields.AwareDateTime(required=True, format="iso")
    issued_by = fields.Nested(PersonOut, required=True)
    pdf_sha256 = fields.String(required=True)


class ProgramOut(ProgramLine):
    """An issued program."""

    supersedes_id = fields.String(required=True, allow_none=True, metadata={"x-ref": "program"})
    program = fields.Dict(
        required=True, attribute="program_file", metadata={"description": "The program file as issued."}
    )
    verdict = fields.Dict(required=True, metadata={"description": "The verdict it was issued under."})
    withdrawal = fields.Nested(WithdrawalOut, required=True, allow_none=True)


class ProgramPage(PageSchema):
    """Issued programs, newest first."""

    items = fields.List(fields.Nested(ProgramLine), required=True)
