"""Builders: one keyword away from an ordinary case. Each goes through the real services."""

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any

from app.clock import now
from app.database import unit_of_work
from app.models import Draft, IssuedProgram, Patient, Screening, User
from app.policy import Scope
from app.services import api_tokens, drafts, patients, programs, screenings, sessions
from app.services.patients import PatientFacts

SUPINE = "supine-hamstring-stretch-strap"
GLIDE = "seated-sciatic-nerve-glide"
STRANGER_ID = "00000000-0000-4000-8000-000000000000"
"""Looks like an id of ours, and is nobody's."""


def a_screening_document(**changes: Any) -> dict[str, Any]:
    document = {
        "date": now().date().isoformat(),
        "legs": {"left": {"sensations": ["pull"]}, "right": {"sensations": []}},
        "equipment": ["strap", "chair"],
    }
    return document | changes


def an_item(**changes: str) -> dict[str, str]:
    return {"exercise": SUPINE, "side": "left", "repetitions": "3", "hold_seconds": "30", "note": ""} | changes


def a_document(*items: dict[str, str], **changes: Any) -> dict[str, Any]:
    document = {
        "items": list(items) or [an_item()],
        "warm_up": {"activity": "walking", "minutes": "5"},
        "sessions_per_week": "4",
        "timing": ["morning"],
        "weeks": "6",
        "starts_on": "",
        "acknowledgements": [],
    }
    return document | changes


def a_file(**changes: Any) -> dict[str, Any]:
    """A program file without its patient."""
    file = {
        "format": "holdwell-program/1",
        "items": [{"exercise": SUPINE, "side": "left", "repetitions": 3, "hold_seconds": 30}],
        "warm_up": {"activity": "walking", "minutes": 5},
        "sessions_per_week": 4,
    }
    return file | changes


def a_key() -> str:
    return secrets.token_hex(8)


def a_sign_in(by: User, *, browser: str = "", at: datetime | None = None) -> str:
    """The token of a whole session of somebody who has proved all there is to prove."""
    with unit_of_work(by.clinic_id) as session:
        row, _ = sessions.opened(session, by, browser=browser, at=at or now())
        return sessions.completed(session, row, by, detail="totp", at=at or now())


def an_api_token(by: User, *, scopes: Collection[str] = tuple(Scope), days: int = 9, at: datetime | None = None) -> str:
    return api_tokens.add(name="import", scopes=scopes, allowed=scopes, days=days, by=by, at=at or now())


def a_patient(
    by: User, *, name: str = "Maya Holm", identifier: str | None = None, at: datetime | None = None
) -> Patient:
    facts = PatientFacts(name=name, identifier=identifier or f"MRN-{secrets.token_hex(3)}", birth_date="1984-03-09")
    return patients.add(facts=facts, by=by, at=at or now())


def a_screening(patient: Patient, by: User, *, at: datetime | None = None, **changes: Any) -> Screening:
    return screenings.record(patient.id, document=a_screening_document(**changes), by=by, at=at or now())


def a_screened_patient(by: User, **changes: Any) -> Patient:
    patient = a_patient(by, **changes)
    a_screening(patient, by)
    return patient


def a_draft(
    patient: Patient, by: User, *, document: dict[str, Any] | None = None, from_program: str | None = None
) -> Draft:
    draft = drafts.start(patient.id, from_program=from_program, by=by, at=now())
    return drafts.save(draft.id, document=document or a_document(), revision=draft.revision, by=by, at=now())


def an_issued_program(by: User, *, patient: Patient | None = None, from_program: str | None = None) -> IssuedProgram:
    draft = a_draft(patient or a_screened_patient(by), by, from_program=from_program)
    return programs.issue(draft_id=draft.id, revision=draft.revision, idempotency_key=a_key(), by=by, at=now())
