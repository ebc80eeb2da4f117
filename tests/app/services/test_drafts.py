"""Drafts: nothing typed is lost, and nobody overwrites what they have not seen."""

import pytest
from flask import current_app

from app.clock import now
from app.errors import ConflictError, InvalidError, NotFoundError, StaleError
from app.models import Draft
from app.services import drafts, patients, programs
from app.services.patients import PatientFacts
from prescriptions.check import Outcome
from tests.builders import (
    GLIDE,
    a_document,
    a_draft,
    a_key,
    a_patient,
    a_screened_patient,
    a_screening,
    an_issued_program,
    an_item,
)
from tests.records import count


def examined(draft, by):
    return drafts.examine(draft.document, patient_id=draft.patient_id, by=by)


def save(draft, by, revision, document=None):
    return drafts.save(draft.id, document=document or a_document(), revision=revision, by=by, at=now())


def test_a_patient_has_one_draft(alma, sten):
    patient = a_patient(alma)
    a_draft(patient, alma)

    with pytest.raises(ConflictError) as refusal:
        drafts.start(patient.id, from_program=None, by=sten, at=now())

    assert "Alma Reyes" in str(refusal.value)


@pytest.mark.parametrize("typed", ["3 0", "30.0", "thirty", "٣٠", "1_0", "-3", "", " ", "\x00", "\ud800", "9" * 5000])
def test_what_was_typed_comes_back_exactly(alma, typed):
    document = a_document(an_item(hold_seconds=typed, note=typed))

    draft = a_draft(a_patient(alma), alma, document=document)

    assert drafts.get(draft.id, by=alma).document == document


def test_a_stale_save_shows_what_the_other_saved(alma, sten):
    draft = a_draft(a_patient(alma), alma)
    theirs = a_document(weeks="8")
    save(draft, sten, 2, theirs)

    with pytest.raises(StaleError) as refusal:
        save(draft, alma, 2, a_document(weeks="4"))

    assert (refusal.value.current, refusal.value.by, refusal.value.revision) == (theirs, "Sten Dahl", 3)
    assert drafts.get(draft.id, by=alma).document == theirs


def test_a_save_says_who_saved_last(alma, sten):
    draft = a_draft(a_patient(alma), alma)

    assert save(draft, sten, 2).updated_by.name == "Sten Dahl"


def test_a_stale_discard_discards_nothing(alma):
    draft = a_draft(a_patient(alma), alma)

    with pytest.raises(StaleError):
        drafts.discard(draft.id, revision=1, by=alma, at=now())

    assert drafts.get(draft.id, by=alma).revision == 2


def test_a_discarded_draft_is_gone(alma):
    patient = a_patient(alma)
    draft = a_draft(patient, alma)
    drafts.discard(draft.id, revision=2, by=alma, at=now())

    assert drafts.of_patient(patient.id, by=alma) is None


@pytest.mark.parametrize("key", ["patient", "screening", "format"])
def test_a_draft_cannot_say_who_the_patient_is_or_what_they_felt(alma, key):
    draft = a_draft(a_patient(alma), alma)

    with pytest.raises(InvalidError):
        save(draft, alma, 2, a_document(**{key: {}}))


@pytest.mark.asvs("2.3.2")
def test_a_draft_has_an_end(alma):
    draft = a_draft(a_patient(alma), alma)

    with pytest.raises(InvalidError):
        save(draft, alma, 2, a_document(note="x" * 300_000))


def test_an_ordinary_draft_is_issuable(alma):
    found = examined(a_draft(a_screened_patient(alma), alma), by=alma)

    assert found.errors == {}
    assert found.verdict.verdict is Outcome.ISSUABLE
    assert found.program.patient.name == "Maya Holm"


ODD_NUMBERS = (
    *("30.0", "30,0", "30,5", "3 0", "1_0", "-3", "+30", "9" * 5000, "1e1", "0x1e", "1/2", "=30", "30 s", "20-30"),
    *("thirty", "٣٠", "３０", "三十", "³", "½", "Ⅻ", "−3", "NaN", "Infinity", "true", "30\u200b"),
)
"""Numbers in other scripts, signs and notations, of which none is guessed."""


@pytest.mark.parametrize("typed", ODD_NUMBERS)
def test_what_is_no_whole_number_is_an_error_by_path(alma, typed):
    draft = a_draft(a_screened_patient(alma), alma, document=a_document(an_item(hold_seconds=typed)))

    assert list(examined(draft, by=alma).errors) == ["items[0].hold_seconds"]


def test_what_was_left_empty_is_left_out(alma):
    document = a_document(an_item(hold_seconds=""), warm_up={"activity": "", "minutes": ""})

    found = examined(a_draft(a_screened_patient(alma), alma, document=document), by=alma)

    assert {finding.code for finding in found.verdict.findings} == {"dose-missing", "warm-up-missing"}


def test_a_note_of_digits_stays_a_note(alma):
    draft = a_draft(a_screened_patient(alma), alma, document=a_document(an_item(note="30")))

    assert examined(draft, by=alma).program.items[0].note == "30"


def test_an_acknowledgement_without_its_reason_answers_nothing(alma):
    patient = a_patient(alma)
    a_screening(patient, alma, persistent=True)
    empty = [{"code": "persistent-needs-review", "reason": ""}]

    found = examined(a_draft(patient, alma, document=a_document(acknowledgements=empty)), by=alma)

    assert found.verdict.verdict is Outcome.NEEDS_ACKNOWLEDGEMENT


def test_a_draft_is_checked_against_the_newest_screening(alma):
    patient = a_screened_patient(alma)
    draft = a_draft(patient, alma)
    a_screening(patient, alma, legs={"left": {"sensations": ["tingling"]}})

    found = examined(draft, by=alma)

    assert found.verdict.verdict is Outcome.BLOCKED


def test_a_draft_is_checked_with_the_patients_facts_as_they_are(alma):
    patient = a_screened_patient(alma)
    draft = a_draft(patient, alma)
    facts = PatientFacts(name="Maya Ek", identifier=patient.identifier or "")
    patients.edit(patient.id, facts=facts, revision=1, by=alma, at=now())

    assert examined(draft, by=alma).program.patient.name == "Maya Ek"


def test_a_next_version_starts_from_the_issued_one_but_asks_for_reasons_anew(alma):
    patient = a_patient(alma)
    a_screening(patient, alma, legs={"left": {"sensations": ["tingling"]}})
    reason = [{"code": "nerve-symptoms-need-review", "reason": "Examined today; reflexes normal."}]
    glide = {"exercise": GLIDE, "side": "left", "sets": "2", "repetitions": "12"}
    a_draft(patient, alma, document=a_document(glide, acknowledgements=reason))
    kept = drafts.of_patient(patient.id, by=alma)
    program = programs.issue(draft_id=kept.id, revision=2, idempotency_key=a_key(), by=alma, at=now())

    draft = drafts.start(patient.id, from_program=program.id, by=alma, at=now())

    assert draft.document["items"] == [glide]
    assert "acknowledgements" not in draft.document


def test_a_draft_cannot_start_from_another_patients_program(alma):
    program = an_issued_program(alma)

    with pytest.raises(ConflictError):
        drafts.start(a_patient(alma).id, from_program=program.id, by=alma, at=now())


def test_a_draft_starts_from_the_newest_version_only(alma):
    first = an_issued_program(alma)
    an_issued_program(alma, patient=first.patient, from_program=first.id)

    with pytest.raises(ConflictError):
        drafts.start(first.patient_id, from_program=first.id, by=alma, at=now())


def test_a_foreign_draft_is_not_found(alma, boris):
    patient = a_patient(alma)
    draft = a_draft(patient, alma)

    for act in (
        lambda: drafts.get(draft.id, by=boris),
        lambda: drafts.of_patient(patient.id, by=boris),
        lambda: drafts.start(patient.id, from_program=None, by=boris, at=now()),
        lambda: save(draft, boris, 2),
        lambda: drafts.discard(draft.id, revision=2, by=boris, at=now()),
        lambda: examined(draft, by=boris),
    ):
        with pytest.raises(NotFoundError):
            act()
    assert count(current_app, Draft) == 1
