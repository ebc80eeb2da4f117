"""marshmallow fields of the program file: strict, and with messages a clinician understands."""

import re
from collections.abc import Collection
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields

from prescriptions.text import problem

MESSAGES: dict[str, Any] = {
    "required": "Is missing.",
    "null": "Must not be null: leave the key out.",
    "invalid": "Must be a list.",
    "type": "Must be an object.",
}
"""In place of marshmallow's own."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Text(fields.Field[str]):
    """Text of at most ``longest`` characters that passes the text gateway."""

    default_error_messages = MESSAGES

    def __init__(self, longest: int, **options: Any) -> None:  # noqa: ANN401  marshmallow's own options
        super().__init__(**options)
        self.longest = longest

    def _deserialize(self, value: object, *_: object, **__: object) -> str:
        if not isinstance(value, str):
            raise ValidationError("Must be text.")
        if len(value) > self.longest:
            raise ValidationError(f"Must be {self.longest} characters at most, not {len(value)}.")
        wrong = problem(value)
        if wrong is not None:
            raise ValidationError(wrong)
        return value


class Whole(fields.Field[int]):
    """A whole number inside technical limits. ``true``, ``"3"`` and ``3.0`` are none: a dose is never coerced."""

    default_error_messages = MESSAGES

    def __init__(self, low: int, high: int, **options: Any) -> None:  # noqa: ANN401  marshmallow's own options
        super().__init__(**options)
        self.low, self.high = low, high

    def _deserialize(self, value: object, *_: object, **__: object) -> int:
        if type(value) is not int or not self.low <= value <= self.high:
            raise ValidationError(f"Must be a whole number from {self.low} to {self.high}.")
        return value


class Flag(fields.Field[bool]):
    """True or false; 1, 0 and words are neither."""

    default_error_messages = MESSAGES

    def _deserialize(self, value: object, *_: object, **__: object) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value


class Choice(fields.Field[str]):
    """One word of a closed list."""

    default_error_messages = MESSAGES

    def __init__(self, choices: Collection[str], **options: Any) -> None:  # noqa: ANN401  marshmallow's own options
        super().__init__(**options)
        self.choices = tuple(choices)

    def _deserialize(self, value: object, *_: object, **__: object) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise ValidationError(f"Must be one of: {', '.join(self.choices)}.")
        return value


class Choices(fields.Field[tuple[str, ...]]):
    """Words of a closed list, each at most once."""

    default_error_messages = MESSAGES

    def __init__(self, choices: Collection[str], **options: Any) -> None:  # noqa: ANN401  marshmallow's own options
        super().__init__(**options)
        self.choices = tuple(choices)

    def _deserialize(self, value: object, *_: object, **__: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise ValidationError("Must be a list.")
        if len(value) > len(self.choices):
            raise ValidationError(f"Must be {len(self.choices)} at most, each once.")
        errors: dict[int, list[str]] = {}
        for index, word in enumerate(value):
            if not isinstance(word, str) or word not in self.choices:
                errors[index] = [f"Must be one of: {', '.join(self.choices)}."]
            elif word in value[:index]:
                errors[index] = [f"Stands twice in the list: {word}."]
        if errors:
            raise ValidationError(errors)
        return tuple(value)


class IsoDate(fields.Field[str]):
    """A date as YYYY-MM-DD, kept as text: a date on paper has no time and no zone."""

    default_error_messages = MESSAGES

    def _deserialize(self, value: object, *_: object, **__: object) -> str:
        if isinstance(value, str) and _DATE.fullmatch(value):
            try:
                date.fromisoformat(value)
            except ValueError:
                pass
            else:
                return value
        raise ValidationError("Must be a date such as 2026-11-23.")


class Rows(fields.List[Any]):
    """A list of objects, at most ``most``: a longer one is refused before anything in it is looked at."""

    default_error_messages = MESSAGES

    def __init__(self, schema: type[Schema], most: int, **options: Any) -> None:  # noqa: ANN401  marshmallow's own options
        super().__init__(fields.Nested(schema, error_messages=MESSAGES), **options)
        self.most = most

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:  # noqa: ANN401  marshmallow's own signature
        if isinstance(value, list) and len(value) > self.most:
            raise ValidationError(f"Must be {self.most} at most, not {len(value)}.")
        return super()._deserialize(value, *args, **kwargs)
