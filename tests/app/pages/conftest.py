"""A patient, a draft and a program of Riverside, made before the browser comes in."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from app.models import Draft, IssuedProgram, Patient, User
from app.post import Post
from app.services import drafts, mail
from tests.builder_form import TYPED
from tests.builders import a_draft, a_patient, a_screened_patient, an_issued_program
from tests.coming_in import set_up
from tests.mailbox import Mailbox
from tests.provider import Provider
from tests.records import change


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
def press(as_alma: FlaskClient, draft: Draft) -> Callable[..., TestResponse]:
    """Presses a button of the builder."""

    def send(
        action: str, form: Mapping[str, str] = TYPED, *, revision: int = draft.revision, **kwargs: Any
    ) -> TestResponse:
        return as_alma.post(f"/drafts/{draft.id}", data={**form, "act": action, "revision": str(revision)}, **kwargs)

    return send


@pytest.fixture
def stored(app: Flask, alma: User, draft: Draft) -> Callable[[], dict[str, Any]]:
    """Reads what is kept of the draft."""

    def read() -> dict[str, Any]:
        with app.app_context():
            return drafts.get(draft.id, by=alma).document

    return read


@pytest.fixture
def hidden() -> Callable[[str, str], str]:
    """Reads a hidden field of a page."""

    def value(html: str, name: str) -> str:
        found = re.search(rf'<input type="hidden" name="{re.escape(name)}" value="([^"]*)">', html)
        assert found, f"The page has no hidden field {name}."
        return found[1]

    return value


@pytest.fixture
def mailbox(app: Flask, tmp_path: Path) -> Mailbox:  # noqa: ARG001 - an application that is made later would turn the mail off
    """Everybody's mail."""
    mail.install(Post("holdwell@clinic.example", folder=tmp_path / "mail"))
    return Mailbox(tmp_path / "mail")


@pytest.fixture
def bare_door(app: Flask, ada: User, provider: Provider) -> str:
    """Where Riverside's people sign in by their provider, to whom nobody is connected yet."""
    with app.app_context():
        set_up(ada, provider)
    return f"/sign-in/at/{ada.clinic_id}"


@pytest.fixture
def door(app: Flask, alma: User, bare_door: str) -> str:
    """The same, and Alma is connected to her account there."""
    change(app, update(User).where(User.id == alma.id).values(oidc_subject="alma-7"))
    return bare_door
