"""Ordinary calls of the routes that leave an event: the rows they need, and what they send."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.clock import now
from app.models import Role, User
from app.pages.draft_check import fingerprint
from app.services import emergency, invitations, records, rights
from tests.app.pages.test_screening import TYPED as SCREENING
from tests.builder_form import TYPED
from tests.builders import (
    a_document,
    a_draft,
    a_file,
    a_key,
    a_patient,
    a_screening,
    an_api_token,
    an_issued_program,
    an_item,
)
from tests.builders_care import again, restrict
from tests.conftest import PASSWORD, signed_in, somebody
from tests.records import stored

CANARY, NUMBER, BORN, NOTE = "Canary Finch", "CANARY-0077", "1984-03-09", "Canary note"


@dataclass
class World:
    """A clinic with a patient, made as far as a call needs it."""

    app: Flask
    by: User
    """Who will call."""
    browser: FlaskClient

    def __post_init__(self) -> None:
        self.alma, self.sten, self.ada = (somebody(self.app, name) for name in ("alma", "sten", "ada"))
        self.made: dict[str, Any] = {}

    def patient_id(self, by: User | None = None) -> str:
        if "patient" not in self.made:
            patient = a_patient(by or self.alma, name=CANARY, identifier=NUMBER)
            a_screening(patient, by or self.alma)
            self.made["patient"] = patient
        return self.made["patient"].id

    def draft(self) -> Any:
        if "draft" not in self.made:
            self.patient_id()
            document = a_document(an_item(note=NOTE))
            self.made["draft"] = a_draft(self.made["patient"], self.alma, document=document)
        return self.made["draft"]

    def draft_id(self) -> str:
        return self.draft().id

    def program_id(self) -> str:
        self.patient_id()
        return an_issued_program(self.alma, patient=self.made["patient"]).id

    def access_id(self) -> str:
        restrict(self.app, self.sten)
        patient = self.patient_id(self.sten)
        reason = "Called in from the street."
        return emergency.open_record(patient, reason=reason, by=again(self.alma), at=now()).id

    def user_id(self) -> str:
        return self.sten.id

    def session_id(self) -> str:
        signed_in(self.app, self.by)
        return stored(self.app, text("SELECT id FROM auth_session ORDER BY created_at DESC LIMIT 1"))[0][0]

    def token_id(self) -> str:
        an_api_token(self.by)
        return stored(self.app, text("SELECT id FROM api_token"))[0][0]

    def path(self, endpoint: str, **given: str) -> str:
        rule = next(rule for rule in self.app.url_map.iter_rules() if rule.endpoint == endpoint)
        values = {name: given.get(name) or getattr(self, name)() for name in sorted(rule.arguments)}
        return self.app.url_map.bind("localhost").build(endpoint, values)


Prepared = tuple[dict[str, str], dict[str, Any]]
"""Arguments of the address, and what is sent."""


def outside_the_team(world: World) -> Prepared:
    restrict(world.app, world.sten)
    patient_id = world.patient_id(world.sten)
    return {"patient_id": patient_id}, {"data": {"reason": "Fell in the waiting room."}}


def without_the_colleague(world: World) -> Prepared:
    rights.disable(world.sten.id, by=world.ada, at=now())
    return {}, {}


def with_somebody_invited(world: World) -> Prepared:
    facts = {"email": "nils@clinic.example", "name": "Nils Berg", "roles": [Role.STAFF]}
    made = invitations.invite(**facts, clinic=world.ada.clinic, by=world.ada, at=now())
    return {"user_id": made.user.id}, {}


def a_change_of_a_draft(world: World) -> Prepared:
    return {}, {"data": TYPED | {"act": "save", "revision": str(world.draft().revision)}}


def a_checked_draft(world: World) -> Prepared:
    seen = fingerprint(records.desk(world.draft_id(), by=world.alma))
    form = {"act": "issue", "key": a_key(), "seen": seen, "revision": str(world.draft().revision)}
    return {}, {"data": form}


def a_program_file(world: World) -> Prepared:
    body = a_file() | {"patient_id": world.patient_id()}
    return {}, {"json": body, "headers": {"Idempotency-Key": a_key()}}


def sent(**options: Any) -> Callable[[World], Prepared]:
    return lambda _world: ({}, options)


PERSON = {"name": CANARY, "identifier": "CANARY-0078", "birth_date.day": "9", "birth_date.month": "3"}
PERSON |= {"birth_date.year": "1984"}
REASON = "Printed for the wrong leg."
NEW_PASSWORD = "a lamp, two bridges and a violin"
DETAILS = {"name": "Riverside Physio", "phone": "", "address": "", "hours": "", "email": "", "paper": "a4"}

PREPARED: dict[tuple[str, str], Callable[[World], Prepared]] = {
    ("pages.add_patient", "POST"): sent(data=PERSON),
    ("pages.edit_patient", "POST"): sent(data=PERSON | {"revision": "1"}),
    ("pages.screen", "POST"): sent(data=SCREENING),
    ("pages.add_to_team", "POST"): lambda world: ({}, {"data": {"user_id": world.sten.id}}),
    ("pages.remove_from_team", "POST"): lambda world: ({}, {"data": {"user_id": world.alma.id}}),
    ("pages.open_emergency", "GET"): outside_the_team,
    ("pages.open_emergency", "POST"): outside_the_team,
    ("pages.draft", "POST"): a_change_of_a_draft,
    ("pages.discard_draft", "POST"): lambda world: ({}, {"data": {"revision": str(world.draft().revision)}}),
    ("pages.check_draft", "POST"): a_checked_draft,
    ("api.search_patients", "POST"): sent(json={"text": CANARY}),
    ("api.search_programs", "POST"): sent(json={"text": CANARY}),
    ("pages.withdraw_program", "POST"): sent(data={"reason": REASON}),
    ("pages.change_password", "POST"): sent(data={"current": PASSWORD, "new": NEW_PASSWORD, "again": NEW_PASSWORD}),
    ("pages.add_token", "POST"): sent(data={"name": "import", "scopes.0": "catalogue:read", "days": "30"}),
    ("pages.invite_person", "POST"): sent(
        data={"name": "Nils Berg", "email": "nils@clinic.example", "roles.0": "staff"}
    ),
    ("pages.edit_roles", "POST"): sent(data={"roles.0": "staff", "roles.1": "therapist"}),
    ("pages.enable_person", "GET"): without_the_colleague,
    ("pages.enable_person", "POST"): without_the_colleague,
    ("pages.invite_again", "GET"): with_somebody_invited,
    ("pages.invite_again", "POST"): with_somebody_invited,
    ("pages.withdraw_invitation", "GET"): with_somebody_invited,
    ("pages.withdraw_invitation", "POST"): with_somebody_invited,
    ("pages.edit_clinic", "POST"): sent(data=DETAILS | {"time_zone": "Europe/London", "revision": "1"}),
    ("pages.clinic_policies", "POST"): sent(data={"access": "own", "revision": "1"}),
    ("api.add_patient", "POST"): sent(json={"name": CANARY, "identifier": "CANARY-0078", "birth_date": BORN}),
    ("api.issue_program", "POST"): a_program_file,
    ("api.withdraw_program", "POST"): sent(json={"reason": REASON}),
}
"""What an ordinary call sends. A call that is not here sends nothing."""
