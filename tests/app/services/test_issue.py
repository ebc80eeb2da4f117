"""Issuing: once, whole, and only what the check lets pass."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import event

from app.clock import now
from app.database import db
from app.errors import ConflictError, InvalidError, KeyReusedError, NotAllowedError, NotFoundError, StaleError
from app.models import AuditEvent, Draft, IssuedProgram, Role
from app.services import drafts, patients, programs, rights
from app.services.catalogue import pack
from app.services.patients import PatientFacts
from prescriptions.errors import MalformedError, NotIssuableError, UnprintableError
from tests import records
from tests.builders import (
    a_document,
    a_draft,
    a_file,
    a_key,
    a_patient,
    a_screened_patient,
    a_screening,
    an_issued_program,
    an_item,
)


def issue(draft, by, *, key=None, revision=None):
    return programs.issue(
        draft_id=draft.id, revision=revision or draft.revision, idempotency_key=key or a_key(), by=by, at=now()
    )


def count(model):
    return records.count(current_app, model)


def events(action):
    return records.count(current_app, AuditEvent, AuditEvent.action == action)


@pytest.fixture
def draft(alma):
    return a_draft(a_screened_patient(alma), alma)


def test_an_issued_program_keeps_all_that_was_true(alma, draft):
    program = issue(draft, alma)

    assert program.program_file["patient"]["name"] == "Maya Holm"
    assert program.program_file["screening"]["legs"]["left"] == {"sensations": ["pull"]}
    assert program.verdict["verdict"] == "issuable"
    assert (program.pack_id, program.pack_digest) == (pack().id, pack().digest)
    assert program.handout["program_number"] == program.number
    pdf = programs.pdf(program.id, by=alma, at=now()).content
    assert pdf.startswith(b"%PDF-")
    assert hashlib.sha256(pdf).hexdigest() == program.pdf_sha256
    assert (program.version, program.status) == (1, "current")


def test_issuing_uses_up_the_draft_and_leaves_one_trace(alma, draft):
    issue(draft, alma)

    assert (count(Draft), count(IssuedProgram), events("program.issued")) == (0, 1, 1)


def test_issued_twice_with_one_key_it_is_issued_once(alma, draft):
    first = issue(draft, alma, key="one-and-the-same")
    again = issue(draft, alma, key="one-and-the-same")

    assert first.id == again.id
    assert (count(IssuedProgram), events("program.issued")) == (1, 1)


@pytest.mark.asvs("2.3.4", "15.4.1")
def test_issued_by_eight_at_once_with_one_key_it_is_issued_once(app, alma, draft):
    def attempt(_):
        with app.app_context():
            return issue(draft, alma, key="one-and-the-same").id

    with ThreadPoolExecutor(8) as threads:
        ids = set(threads.map(attempt, range(8)))

    assert len(ids) == 1
    assert (count(IssuedProgram), events("program.issued")) == (1, 1)


@pytest.mark.asvs("2.3.4", "15.4.1")
def test_two_who_issue_one_draft_at_once_do_not_both_succeed(app, alma, draft):
    def attempt(key):
        with app.app_context():
            try:
                return issue(draft, alma, key=key).id
            except (NotFoundError, ConflictError):
                return None

    with ThreadPoolExecutor(2) as threads:
        ids = [found for found in threads.map(attempt, ("first-key", "second-key")) if found]

    assert (len(ids), count(IssuedProgram)) == (1, 1)


def test_a_key_belongs_to_one_request(alma, draft):
    issue(draft, alma, key="one-and-the-same")

    with pytest.raises(KeyReusedError):
        issue(a_draft(a_screened_patient(alma), alma), alma, key="one-and-the-same")


def test_another_clinics_keys_are_its_own(alma, boris, draft):
    ours = issue(draft, alma, key="one-and-the-same")
    theirs = issue(a_draft(a_screened_patient(boris), boris), boris, key="one-and-the-same")

    assert ours.id != theirs.id


@pytest.mark.parametrize("key", ["", "short", "k" * 121, "key\x00key-key"])
def test_a_key_has_to_be_one(alma, draft, key):
    with pytest.raises(InvalidError):
        programs.issue(draft_id=draft.id, revision=2, idempotency_key=key, by=alma, at=now())


def test_a_draft_that_somebody_changed_is_not_issued(alma, sten, draft):
    drafts.save(draft.id, document=a_document(weeks="8"), revision=2, by=sten, at=now())

    with pytest.raises(StaleError):
        issue(draft, alma, revision=2)
    assert count(IssuedProgram) == 0


@pytest.mark.asvs("2.2.2", "2.3.1")
@pytest.mark.parametrize(
    ("document", "refusal"),
    [
        (a_document(an_item(hold_seconds="45")), NotIssuableError),
        (a_document(an_item(hold_seconds="thirty")), MalformedError),
        ({}, NotIssuableError),
    ],
)
def test_what_the_check_refuses_is_not_issued(alma, document, refusal):
    draft = a_draft(a_screened_patient(alma), alma, document=document or {"items": []})

    with pytest.raises(refusal):
        issue(draft, alma)
    assert (count(IssuedProgram), count(Draft)) == (0, 1)


def test_the_check_is_made_again_with_what_is_known_when_issuing(alma):
    patient = a_screened_patient(alma)
    draft = a_draft(patient, alma)
    a_screening(patient, alma, legs={"left": {"sensations": ["numbness"]}})

    with pytest.raises(NotIssuableError):
        issue(draft, alma)


@pytest.mark.asvs("2.3.1")
def test_a_caution_needs_its_reason(alma):
    patient = a_patient(alma)
    a_screening(patient, alma, persistent=True)
    draft = a_draft(patient, alma)
    with pytest.raises(NotIssuableError):
        issue(draft, alma)
    reasons = [{"code": "persistent-needs-review", "reason": "Examined today; nothing of concern."}]
    draft = drafts.save(draft.id, document=a_document(acknowledgements=reasons), revision=2, by=alma, at=now())

    program = issue(draft, alma)

    assert program.program_file["acknowledgements"] == reasons
    assert [finding["acknowledged"] for finding in program.verdict["findings"]] == [True]


def test_a_new_version_supersedes_the_old_one(alma, draft):
    first = issue(draft, alma)
    second = an_issued_program(alma, patient=first.patient, from_program=first.id)

    assert (second.number, second.version, second.supersedes_id) == (first.number, 2, first.id)
    assert programs.get(first.id, by=alma, at=now()).status == "superseded"
    assert [program.version for program in programs.versions(first, by=alma)] == [2, 1]
    assert programs.current(first, by=alma).id == second.id


def test_a_version_is_superseded_once(alma, draft):
    first = issue(draft, alma)
    late = a_draft(first.patient, alma, from_program=first.id)
    file = {"patient_id": first.patient_id, "document": a_file(), "supersedes": first.id}
    programs.issue_file(**file, idempotency_key=a_key(), by=alma, at=now())

    with pytest.raises(ConflictError):
        issue(late, alma)


def test_numbers_are_told_apart_on_the_phone():
    numbers = {programs.issuing.new_number() for _ in range(500)}

    assert len(numbers) == 500
    assert not set("".join(numbers).replace("HW-", "")) & set("01OILAEU")


def test_a_draft_that_names_too_much_to_print_is_refused_and_kept(alma):
    patient = a_screened_patient(alma)
    draft = a_draft(patient, alma, document=a_document(an_item(note="🦵")))

    with pytest.raises(UnprintableError):
        issue(draft, alma)
    assert (count(IssuedProgram), count(Draft)) == (0, 1)


@pytest.mark.asvs("2.3.3", "16.5.3")
@pytest.mark.parametrize("table", ["issued_program", "audit_event", "DELETE FROM draft"])
def test_a_failure_between_two_writes_leaves_nothing_half_written(alma, draft, table):
    audited = count(AuditEvent)

    def fail(_connection, _cursor, statement, *_):
        if table in statement and not statement.lstrip().upper().startswith("SELECT"):
            raise RuntimeError("The power went out.")

    event.listen(db.engine, "after_cursor_execute", fail)
    with pytest.raises(RuntimeError, match="power"):
        issue(draft, alma)
    event.remove(db.engine, "after_cursor_execute", fail)

    assert (count(IssuedProgram), count(Draft), count(AuditEvent)) == (0, 1, audited)
    assert issue(draft, alma).status == "current"


@pytest.mark.asvs("15.4.2")
def test_what_changes_while_the_handout_is_printed_is_noticed(alma, draft, monkeypatch):
    really_print = programs.issuing.print_handout

    def print_slowly(handout):
        facts = PatientFacts(name="Maya Ek", identifier="M1")
        patients.edit(draft.patient_id, facts=facts, revision=1, by=alma, at=now())
        return really_print(handout)

    monkeypatch.setattr(programs.issuing, "print_handout", print_slowly)

    with pytest.raises(ConflictError):
        issue(draft, alma)
    assert count(IssuedProgram) == 0


@pytest.mark.parametrize("taken", ["role", "account"])
def test_nobody_issues_whose_role_or_account_was_taken_while_the_handout_was_printed(
    alma, ada, draft, monkeypatch, taken
):
    really_print = programs.issuing.print_handout

    def print_slowly(handout):
        if taken == "role":
            rights.set_roles(alma.id, roles=[Role.STAFF], by=ada, at=now())
        else:
            rights.disable(alma.id, by=ada, at=now())
        return really_print(handout)

    monkeypatch.setattr(programs.issuing, "print_handout", print_slowly)

    with pytest.raises(NotAllowedError):
        issue(draft, alma)
    assert count(IssuedProgram) == 0


def test_nothing_waits_for_the_printer(alma, draft, monkeypatch):
    really_print = programs.issuing.print_handout
    open_transactions = []

    def print_watched(handout):
        open_transactions.append(db.session().in_transaction())
        return really_print(handout)

    monkeypatch.setattr(programs.issuing, "print_handout", print_watched)
    issue(draft, alma)

    assert open_transactions == [False]


def test_nobody_issues_a_foreign_draft(boris, draft):
    with pytest.raises(NotFoundError):
        issue(draft, boris)


def test_the_paper_carries_the_clinics_day(alma):
    patient = a_screened_patient(alma)
    draft = a_draft(patient, alma)
    alma.clinic.time_zone = "Pacific/Kiritimati"
    just_before_midnight = now().replace(hour=23, minute=30)

    program = programs.issue(draft_id=draft.id, revision=2, idempotency_key=a_key(), by=alma, at=just_before_midnight)

    assert program.handout["issued_on"] == (just_before_midnight + timedelta(days=1)).date().isoformat()
