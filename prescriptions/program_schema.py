"""The shape of a program file, format "holdwell-program/1". Unknown keys are refused by name."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from prescriptions.dose import ALWAYS_IN_FILE
from prescriptions.program import ACTIVITIES, TIMINGS, Side
from prescriptions.program_fields import Choice, Choices, Flag, IsoDate, Text, Whole
from prescriptions.screening import CAUSES, EQUIPMENT, SENSATIONS

FORMAT = "holdwell-program/1"
MOST_ITEMS = 60
LONGEST_NAME, LONGEST_NOTE, LONGEST_REASON, LONGEST_EXERCISE = 120, 500, 500, 80


class Strict(Schema):
    """Refuses what it does not know."""

    error_messages: dict[str, str] = {"unknown": "There is no such field.", "type": "Must be an object."}  # noqa: RUF012  as marshmallow declares it

    class Meta:
        """What is not documented is an error, never ignored."""

        unknown = RAISE


class PatientSchema(Strict):
    name = Text(LONGEST_NAME)
    identifier = Text(LONGEST_NAME)
    birth_date = IsoDate()


class LegSchema(Strict):
    sensations = Choices(SENSATIONS, required=True)


class LegsSchema(Strict):
    left = fields.Nested(LegSchema)
    right = fields.Nested(LegSchema)


class ScreeningSchema(Strict):
    date = IsoDate(required=True)
    legs = fields.Nested(LegsSchema, required=True)
    lower_back_sensitive = Flag()
    persistent = Flag()
    causes = Choices(CAUSES)
    equipment = Choices(EQUIPMENT)


class WarmUpSchema(Strict):
    activity = Choice(ACTIVITIES, required=True)
    minutes = Whole(1, 120, required=True)


class ItemSchema(Strict):
    """One item; ``program_schema`` adds the dose parameters."""

    exercise = Text(LONGEST_EXERCISE, required=True)
    side = Choice(tuple(Side))
    sessions_per_week = Whole(1, 7)
    note = Text(LONGEST_NOTE)


@lru_cache(maxsize=32)
def program_schema(parameters: tuple[str, ...], codes: tuple[str, ...]) -> Schema:
    """The schema for a pack that documents ``parameters`` and whose rules have ``codes``."""
    doses: Mapping[str, Any] = {key: Whole(1, 999) for key in (*ALWAYS_IN_FILE, *parameters)}
    acknowledgement: Mapping[str, Any] = {
        "code": Choice(codes, required=True),
        "reason": Text(LONGEST_REASON, required=True),
    }
    acknowledgements = fields.Nested(Strict.from_dict(dict(acknowledgement)))
    program: Mapping[str, Any] = {
        "format": Choice((FORMAT,), required=True),
        "patient": fields.Nested(PatientSchema),
        "screening": fields.Nested(ScreeningSchema),
        "warm_up": fields.Nested(WarmUpSchema),
        "sessions_per_week": Whole(1, 7),
        "timing": Choices(TIMINGS),
        "weeks": Whole(1, 52),
        "starts_on": IsoDate(),
        "items": fields.List(
            fields.Nested(ItemSchema.from_dict(dict(doses))),
            required=True,
            validate=validate.Length(max=MOST_ITEMS, error=f"Must be {MOST_ITEMS} items at most."),
        ),
        "acknowledgements": fields.List(acknowledgements),
    }
    return Strict.from_dict(dict(program))()
