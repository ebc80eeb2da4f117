"""Issuing a program file for a patient, as the API does: its screening goes into the record, and never past it."""

import pytest
from flask import current_app

from app.clock import now
from app.errors import ConflictError, KeyReusedError, NotFoundError
from app.models import AuditEvent, Screening
from app.services import programs
from prescriptions.errors import MalformedError
from tests.builders import (
    STRANGER_ID,
    a_file,
    a_key,
    a_patient,
    a_screened_patient,
    a_screening_document,
    an_issued_program,
)
from tests.records import count


def issue_file(patient_id, by, *, key=None, supersedes=None, **changes):
    return programs.issue_file(
        patient_id=patient_id,
        document=a_file(**changes),
        supersedes=supersedes,
        idempotency_key=key or a_key(),
        by=by,
        at=now(),
    )


def screenings():
    return count(current_app, Screening)


def test_a_file_is_issued_with_the_screening_that_is_recorded(alma):
    program = issue_file(a_screened_patient(alma).id, alma)

    assert "screening" in program.program_file


def test_a_file_brings_its_own_screening_into_the_record(alma):
    patient = a_patient(alma)

    issue_file(patient.id, alma, screening=a_screening_document())

    recorded = count(current_app, AuditEvent, AuditEvent.action == "screening.recorded")
    assert (screenings(), recorded) == (1, 1)


def test_a_screening_that_is_recorded_already_is_not_recorded_again(alma):
    patient = a_screened_patient(alma)

    issue_file(patient.id, alma, screening=a_screening_document())

    assert screenings() == 1


def test_a_file_with_an_older_screening_than_the_record_is_refused(alma):
    patient = a_screened_patient(alma)

    with pytest.raises(MalformedError) as refusal:
        issue_file(patient.id, alma, screening=a_screening_document(date="2020-01-01"))

    assert list(refusal.value.errors) == ["screening.date"]


def test_a_file_does_not_say_who_the_patient_is(alma):
    with pytest.raises(MalformedError) as refusal:
        issue_file(a_screened_patient(alma).id, alma, patient={"name": "Somebody Else"})

    assert list(refusal.value.errors) == ["patient"]


def test_a_file_supersedes_only_a_program_of_its_patient(alma):
    program = an_issued_program(alma)

    with pytest.raises(ConflictError):
        issue_file(a_screened_patient(alma).id, alma, supersedes=program.id)


@pytest.mark.parametrize("supersedes", [None, STRANGER_ID])
def test_nobody_issues_a_file_for_a_foreign_patient(alma, boris, supersedes):
    patient = a_screened_patient(alma)

    with pytest.raises(NotFoundError):
        issue_file(patient.id, boris, supersedes=supersedes)


def test_a_file_with_a_reused_key_and_another_text_is_refused(alma):
    patient = a_screened_patient(alma)
    issue_file(patient.id, alma, key="one-and-the-same")

    with pytest.raises(KeyReusedError):
        issue_file(patient.id, alma, key="one-and-the-same", sessions_per_week=5)
