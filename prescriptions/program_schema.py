"""The shape of a program file, format "holdwell-program/1". Unknown keys are refused by name."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from marshmallow import RAISE, Schema, fields

from prescriptions.dose import ALWAYS_IN_FILE
from prescriptions.program import ACTIVITIES, TIMINGS, Side
from prescriptions.program_fields import MESSAGES, Choice, Choices, Flag, IsoDate, Rows, Text, Whole
from prescriptions.screening import CAUSES, EQUIPMENT, SENSATIONS

FORMAT = "holdwell-program/1"
MOST_ITEMS = 60
MOST_ACKNOWLEDGEMENTS = 60
NO_SUCH_FIELD = "There is no such field."
LONGEST_NAME, LONGEST_NOTE, LONGEST_REASON, LONGEST_EXERCISE = 120, 500, 500, 80


class Strict(Schema):
    """Refuses what it does not know."""

    error_messages: dict[str, str] = {"unknown": NO_SUCH_FIELD, "type": "Must be an object."}  # noqa: RUF012  as marshmallow declares it

    class Meta:
        """What is not documented is an error, never ignored."""

        unknown = RAISE


def _object(schema: type[Schema], *, required: bool = False) -> fields.Nested:
    return fields.Nested(schema, required=required, error_messages=MESSAGES)


class PatientSchema(Strict):
    name = Text(LONGEST_NAME)
    identifier = Text(LONGEST_NAME)
    birth_date = IsoDate()


class LegSchema(Strict):
    sensations = Choices(SENSATIONS, required=True)


class LegsSchema(Strict):
    left = _object(LegSchema)
    right = _object(LegSchema)


class ScreeningSchema(Strict):
    date = IsoDate(required=True)
    legs = _object(LegsSchema, required=True)
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
    program: Mapping[str, Any] = {
        "format": Choice((FORMAT,), required=True),
        "patient": _object(PatientSchema),
        "screening": _object(ScreeningSchema),
        "warm_up": _object(WarmUpSchema),
        "sessions_per_week": Whole(1, 7),
        "timing": Choices(TIMINGS),
        "weeks": Whole(1, 52),
        "starts_on": IsoDate(),
        "items": Rows(ItemSchema.from_dict(dict(doses)), MOST_ITEMS, required=True),
        "acknowledgements": Rows(Strict.from_dict(dict(acknowledgement)), MOST_ACKNOWLEDGEMENTS),
    }
    return Strict.from_dict(dict(program))()
