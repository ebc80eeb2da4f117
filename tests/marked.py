"""A clinic where whatever people fill holds a canary: names and notes, settings and reasons, column by column."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.clock import now
from app.database import unit_of_work
from app.models import (
    ApiToken,
    AuthSession,
    Base,
    Clinic,
    Draft,
    EmergencyAccess,
    IdentityProvider,
    Passkey,
    Patient,
    Role,
    User,
)
from app.services import people, programs, providers
from prescriptions.brand import Brand
from tests.builders import a_document, a_draft, a_file, a_key, a_patient, a_screening, an_item
from tests.builders_care import again
from tests.conftest import PASSWORD
from tests.naughty import MARK
from tests.security.neighbours import a_clinic

CANARY = f"'\"><{MARK}>{{{{7*7}}}}"
"""Gets out of an attribute and an element, and is reckoned by a template."""
PEOPLE = {"mara": Role.THERAPIST, "milo": Role.STAFF, "mona": Role.ADMINISTRATOR, "mats": Role.AUDITOR}
FILLED: Mapping[type[Any], tuple[str, ...]] = {
    Clinic: ("name", "phone", "address", "hours", "email"),
    User: ("name", "oidc_subject"),
    Patient: ("name", "identifier"),
    EmergencyAccess: ("reason",),
    ApiToken: ("name",),
    AuthSession: ("browser",),
    Passkey: ("name",),
    IdentityProvider: ("issuer", "client_id", "client_secret"),
}
"""What is changed after it was made, past the checks of the services. Programs can't be: they are made with it."""
MADE = {
    "audit_event": "action outcome detail actor_roles ip mac pack_version",
    "audit_head": "mac",
    "clinic": "paper time_zone sensitive_text logo",
    "data_key": "wrapped",
    "one_time_link": "kind",
    "passkey": "public_key",
    "patient": "birth_date",
    "rate_counter": "key",
    "issued_program": "number status pack_version pack_digest verdict_json pdf",
    "screening": "date document",
    "user_account": "email roles_text password_hash totp_secret",
    "api_token": "scopes_text",
    "auth_session": "challenge",
    "sign_in_name": "devices_key",
}
"""What the service makes itself or takes only from a list, as dates, addresses and roles."""
_OURS = ("id", "sha256", "_index")


def a_marked_clinic(app: Flask) -> dict[str, str]:
    """The clinic of Mara, Milo, Mona and Mats, and the id of a row of each kind by the argument that asks for it."""
    with app.app_context():
        clinic = people.add_clinic(brand=Brand(clinic_name=CANARY, phone=CANARY), at=now())
        for first, role in PEOPLE.items():
            address = f"{first}@clinic.example"
            people.add_user(clinic=clinic, email=address, name=CANARY, roles=[role], password=PASSWORD, at=now())
        mara, mona = (again(person) for person in map(_person, ("mara", "mona")))
        ids = a_clinic(app, mara, mona, MARK)
        providers.change(issuer="https://login.example", client_id="x", client_secret="x", by=mona, at=now())
        ids["program"] = _a_program(mara)
        _fill(clinic.id)
    return {f"{kind}_id": value for kind, value in ids.items()} | {"access_id": ids["emergency"]}


def _person(first_name: str) -> User:
    found = people.user_with_address(f"{first_name}@clinic.example")
    assert found is not None
    return found


def _a_program(by: User) -> str:
    """A withdrawn one, and a draft beside it."""
    patient = a_patient(by, name=CANARY, identifier=f"{CANARY}7")
    a_screening(patient, by, legs={"left": {"sensations": ["tingling"]}, "right": {"sensations": []}})
    glide = {"exercise": "seated-sciatic-nerve-glide", "side": "left", "sets": 2, "repetitions": 12, "note": CANARY}
    answered = [{"code": "nerve-symptoms-need-review", "reason": CANARY}]
    key = f"{CANARY}{a_key()}"
    document = a_file(items=[glide], acknowledgements=answered)
    issued = programs.issue_file(patient_id=patient.id, document=document, idempotency_key=key, by=by, at=now())
    programs.withdraw(issued.id, reason=CANARY, by=by, at=now())
    a_draft(patient, by, document=a_document(an_item(note=CANARY), weeks=CANARY))
    return issued.id


def _fill(clinic_id: str) -> None:
    with unit_of_work(clinic_id) as session:
        for kind, names in FILLED.items():
            for place, row in enumerate(session.scalars(select(kind)).all()):
                for name in names:
                    setattr(row, name, f"{CANARY}{place}")
        for draft in session.scalars(select(Draft)).all():
            draft.document = a_document(an_item(note=CANARY, repetitions=CANARY), weeks=CANARY)


def columns_without_a_canary(clinic_id: str) -> set[tuple[str, str]]:
    """Columns of words that neither the service makes itself nor hold a canary in any row of the clinic."""
    found = set()
    with unit_of_work(clinic_id) as session:
        for mapper in Base.registry.mappers:
            rows = session.scalars(select(mapper.class_)).all()
            for one in mapper.column_attrs:
                name = one.key.removeprefix("_")
                is_ours = name.endswith(_OURS) or name in MADE.get(mapper.local_table.name, "").split()
                is_text = one.columns[0].type.python_type in {str, bytes}
                if is_text and not is_ours and not any(MARK in str(getattr(row, name)) for row in rows):
                    found.add((mapper.local_table.name, name))
    return found
