"""From what was typed to a program file, and back. Nothing is guessed on the way, and nothing is lost."""

import re
from collections.abc import Mapping

from app.models import Patient, Screening
from prescriptions.dose import PARAMETERS
from prescriptions.program_schema import FORMAT

NUMBERS = {*PARAMETERS, "sessions_per_week", "weeks", "minutes"}
"""Keys whose digits are a number. A note that says "30" stays text."""

KEPT_FOR_NEXT_VERSION = ("items", "warm_up", "sessions_per_week", "timing", "weeks")
"""Reasons are given anew for each version, and so is its first day."""

_DIGITS = re.compile(r"[0-9]{1,9}")


def typed(document: Mapping[str, object]) -> dict[str, object]:
    """Raw form values as the program file has them. What is not plainly a number stays text, for its check to see."""
    return {name: _typed(inner, name) for name, inner in document.items() if not _is_empty(inner, name)}


def _typed(value: object, key: str = "") -> object:
    if isinstance(value, Mapping):
        return typed(value)
    if isinstance(value, list | tuple):
        return [_typed(inner) for inner in value]
    if isinstance(value, str):
        text = value.strip(" ")
        return int(text) if key in NUMBERS and _DIGITS.fullmatch(text) else text
    return value


def _is_empty(value: object, name: str) -> bool:
    if isinstance(value, Mapping):
        return all(_is_empty(inner, key) for key, inner in value.items())
    if name == "reason":  # an acknowledgement without its reason is still there, and answers nothing
        return False
    return value is None or (isinstance(value, str) and not value.strip(" "))


def next_version(program_file: Mapping[str, object]) -> dict[str, object]:
    """The draft that a new version of an issued program starts from."""
    return {key: _raw(program_file[key]) for key in KEPT_FOR_NEXT_VERSION if key in program_file}


def _raw(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _raw(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_raw(inner) for inner in value]
    return str(value) if isinstance(value, int) else value


def program_data(document: Mapping[str, object], patient: Patient, screening: Screening | None) -> dict[str, object]:
    """The whole program file for ``patient``: what ``document`` says, with who and what was screened."""
    facts = {"name": patient.name, "identifier": patient.identifier, "birth_date": patient.birth_date}
    data: dict[str, object] = {"format": FORMAT, "items": []} | dict(document)
    data["patient"] = {name: value for name, value in facts.items() if value}
    if screening is not None:
        data.setdefault("screening", screening.document)
    return data
