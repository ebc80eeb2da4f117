"""Patients: found by their clinic alone, and edited by one person at a time."""

import pytest
from flask import current_app
from sqlalchemy import select

from app.clock import now
from app.errors import InvalidError, NotFoundError, StaleError
from app.models import AuditEvent
from app.services import patients
from app.services.patients import PatientFacts
from tests.builders import STRANGER_ID, a_patient
from tests.records import stored


def found(text, by):
    return [patient.name for patient in patients.search(text=text, page=1, by=by, at=now()).items]


def refused(by, **facts):
    with pytest.raises(InvalidError) as refusal:
        patients.add(facts=PatientFacts(**facts), by=by, at=now())
    return refusal.value.errors


def test_a_patient_is_found_without_accents_and_case(alma):
    a_patient(alma, name="Zoë Müller")

    assert found("zoe MULLER", alma) == ["Zoë Müller"]


def test_every_word_of_a_search_has_to_be_there(alma):
    a_patient(alma, name="Maya Holm")

    assert found("maya lund", alma) == []


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", "M" * 200])
def test_a_search_takes_every_character_literally(alma, text):
    a_patient(alma, name="Maya Holm", identifier="M1")

    assert found(text, alma) == []


@pytest.mark.parametrize("text", ["\x00", "\ud800", "Maya\u200b", "M" * 201])
def test_a_search_for_what_is_in_no_name_is_refused(alma, text):
    with pytest.raises(InvalidError) as refused:
        found(text, alma)

    assert refused.value.errors.keys() == {"text"}


def test_patients_come_by_name(alma):
    for name in ("Östen Berg", "anna Ek", "Bo Ask"):
        a_patient(alma, name=name)

    assert found("", alma) == ["anna Ek", "Bo Ask", "Östen Berg"]


def test_a_page_beyond_the_end_is_empty(alma):
    a_patient(alma)

    page = patients.search(text="", page=10**30, by=alma, at=now())

    assert (list(page.items), page.total) == ([], 1)


def test_another_clinic_finds_nobody(alma, boris):
    a_patient(alma)

    assert found("", boris) == []


def test_a_patient_of_another_clinic_is_not_found(alma, boris):
    patient = a_patient(alma)

    with pytest.raises(NotFoundError) as foreign:
        patients.get(patient.id, by=boris, at=now())
    with pytest.raises(NotFoundError) as unknown:
        patients.get(STRANGER_ID, by=boris, at=now())
    assert str(foreign.value) == str(unknown.value)


@pytest.mark.parametrize("patient_id", ["", "1", "\x00", "' OR 1=1", "\ud800", STRANGER_ID.upper() + "A"])
def test_what_is_no_id_never_reaches_the_database(alma, patient_id):
    with pytest.raises(NotFoundError):
        patients.get(patient_id, by=alma, at=now())


def test_a_patient_needs_a_name(alma):
    assert refused(alma, name=" ", identifier="M1") == {"name": ("Give the patient's name.",)}


def test_two_patients_of_one_name_must_be_told_apart(alma):
    assert list(refused(alma, name="Maya Holm")) == ["identifier"]


@pytest.mark.parametrize("name", ["Maya\u202eHolm", "Maya\x00", "Maya\nHolm", "M" * 121])
def test_a_name_that_could_mislead_is_refused(alma, name):
    assert list(refused(alma, name=name, identifier="M1")) == ["name"]


@pytest.mark.parametrize("born", ["1984-3-9", "19840309", "1984-02-30", "2999-01-01", "1700-01-01", "yesterday"])
def test_a_date_of_birth_is_a_day_that_has_been(alma, born):
    assert list(refused(alma, name="Maya Holm", birth_date=born)) == ["birth_date"]


def test_one_record_number_is_one_patient(alma):
    a_patient(alma, identifier="M1")

    assert list(refused(alma, name="Somebody Else", identifier="M1")) == ["identifier"]


def test_another_clinic_may_use_the_same_record_number(alma, boris):
    a_patient(alma, identifier="M1")

    assert a_patient(boris, identifier="M1").identifier == "M1"


def test_an_edit_of_an_old_revision_is_refused_and_shows_the_newest(alma, sten):
    patient = a_patient(alma, name="Maya Holm", identifier="M1")
    patients.edit(patient.id, facts=PatientFacts(name="Maya Ek", identifier="M1"), revision=1, by=sten, at=now())

    with pytest.raises(StaleError) as refusal:
        patients.edit(patient.id, facts=PatientFacts(name="M Holm", identifier="M1"), revision=1, by=alma, at=now())

    assert (refusal.value.current["name"], refusal.value.revision) == ("Maya Ek", 2)


def test_an_edit_may_keep_the_record_number(alma):
    patient = a_patient(alma, identifier="M1")

    facts = PatientFacts(name="Maya Ek", identifier="M1")
    edited = patients.edit(patient.id, facts=facts, revision=1, by=alma, at=now())

    assert (edited.name, edited.revision) == ("Maya Ek", 2)


def test_an_edit_of_a_foreign_patient_is_not_found(alma, boris):
    patient = a_patient(alma)

    with pytest.raises(NotFoundError):
        patients.edit(patient.id, facts=PatientFacts(name="X", identifier="Y"), revision=1, by=boris, at=now())


def test_looking_at_a_patient_leaves_a_trace(alma, sten):
    patient = a_patient(alma)
    patients.get(patient.id, by=sten, at=now())

    events = stored(current_app, select(AuditEvent.__table__).where(AuditEvent.patient_id == patient.id))

    assert {(event.action, event.actor_id, event.actor_roles) for event in events} == {
        ("patient.added", alma.id, "therapist"),
        ("patient.viewed", sten.id, "staff"),
    }
