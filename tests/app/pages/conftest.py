"""A patient, a draft and a program of Riverside, made before the browser comes in."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from app.models import Draft, IssuedProgram, Patient, User
from tests.builders import a_draft, a_patient, a_screened_patient, an_issued_program


@pytest.fixture
def patient(app: Flask, alma: User) -> Patient:
    """Maya, not screened yet."""
    with app.app_context():
        return a_patient(alma, identifier="MRN-0042")


@pytest.fixture
def screened(app: Flask, alma: User) -> Patient:
    """Maya, screened: a pull in the left leg, nothing in the right."""
    with app.app_context():
        return a_screened_patient(alma, identifier="MRN-0042")


@pytest.fixture
def draft(app: Flask, alma: User, screened: Patient) -> Draft:
    """A draft for Maya that could be issued."""
    with app.app_context():
        return a_draft(screened, alma)


@pytest.fixture
def program(app: Flask, alma: User, screened: Patient) -> IssuedProgram:
    """A program that Maya has at home."""
    with app.app_context():
        return an_issued_program(alma, patient=screened)


@pytest.fixture
def hidden() -> Callable[[str, str], str]:
    """Reads a hidden field of a page."""

    def value(html: str, name: str) -> str:
        found = re.search(rf'<input type="hidden" name="{re.escape(name)}" value="([^"]*)">', html)
        assert found, f"The page has no hidden field {name}."
        return found[1]

    return value
