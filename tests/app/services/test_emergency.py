"""Emergency access: a reason, an hour, a trace, and administrators who are told. Nothing of another clinic."""

from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import select

from app.clock import now
from app.errors import ConflictError, InvalidError, NotFoundError, NotInCareError
from app.models import AuditEvent, EmergencyAccess, Role
from app.post import post_of
from app.services import care_team, drafts, emergency, history, mail, patients, programs
from app.services.history import HistoryFilters
from tests.builders import STRANGER_ID, a_document, a_draft, a_key, a_patient, a_screened_patient, an_issued_program
from tests.builders_care import a_colleague, again, restrict
from tests.records import column, stored

REASON = "Fell at the gym, therapist away."
JUST_OVER = emergency.LENGTH + timedelta(seconds=2)


@pytest.fixture
def alma(app, alma):
    """Alma, in a clinic that restricts access."""
    restrict(app, alma)
    return again(alma)


@pytest.fixture
def cara(alma):
    """Another therapist of the clinic."""
    return a_colleague(alma)


@pytest.fixture
def patient(alma):
    """Alma's patient."""
    return a_screened_patient(alma, name="Maya Holm", identifier="M-42")


def open_record(patient, by, *, at=None, reason=REASON):
    return emergency.open_record(patient.id, reason=reason, by=by, at=at or now())


def test_a_reason_opens_the_record_and_all_below_it_for_an_hour(alma, cara, patient):
    program = an_issued_program(alma, patient=patient)

    access = open_record(patient, cara)

    assert patients.get(patient.id, by=cara, at=now()).name == "Maya Holm"
    assert programs.pdf(program.id, by=cara, at=now()).sha256 == program.pdf_sha256
    assert history.find(filters=HistoryFilters(), page=1, by=cara, at=now()).total == 1
    assert access.expires_at - access.opened_at == timedelta(minutes=60)
    assert emergency.until(patient.id, by=cara) == access.expires_at


def test_it_opens_one_record_for_one_person(alma, cara, patient):
    other, nils = a_patient(alma, identifier="M-43"), a_colleague(alma, "Nils Berg")
    open_record(patient, cara)

    with pytest.raises(NotInCareError):
        patients.get(other.id, by=cara, at=now())
    with pytest.raises(NotInCareError):
        patients.get(patient.id, by=nils, at=now())


def test_when_the_hour_is_over_the_very_next_call_is_refused(alma, cara, patient):
    program, draft = an_issued_program(alma, patient=patient), a_draft(patient, alma)
    open_record(patient, cara, at=now() - JUST_OVER)

    for act in (
        lambda: patients.get(patient.id, by=cara, at=now()),
        lambda: programs.pdf(program.id, by=cara, at=now()),
        lambda: drafts.save(draft.id, document=a_document(), revision=draft.revision, by=cara, at=now()),
        lambda: programs.issue(
            draft_id=draft.id, revision=draft.revision, idempotency_key=program.idempotency_key, by=cara, at=now()
        ),
    ):
        with pytest.raises(NotInCareError):
            act()
    assert emergency.until(patient.id, by=cara) is None
    assert care_team.outside([patient], by=cara) == {patient.id}


def test_a_moment_before_the_hour_is_over_the_record_is_open(cara, patient):
    open_record(patient, cara, at=now() - emergency.LENGTH + timedelta(seconds=20))

    assert patients.get(patient.id, by=cara, at=now()).id == patient.id


@pytest.mark.parametrize("reason", ["", " ", "urgent", "x" * 501, "Line one\nline two", "Hidden\u202e text here"])
def test_without_a_reason_that_can_be_read_nothing_opens(cara, patient, reason):
    with pytest.raises(InvalidError) as refusal:
        open_record(patient, cara, reason=reason)

    assert list(refusal.value.errors) == ["reason"]
    assert column(current_app, select(EmergencyAccess.id)) == []


def test_it_leaves_an_event_of_its_own_with_ids_only(cara, patient):
    access = open_record(patient, cara)

    query = select(AuditEvent.__table__).where(AuditEvent.action == "patient.emergency_opened")
    (event,) = stored(current_app, query)
    assert (event.actor_id, event.object_id, event.patient_id) == (cara.id, access.id, patient.id)
    assert REASON not in str(tuple(event))


def test_the_reason_is_sealed(cara, patient):
    open_record(patient, cara)

    assert REASON.encode() not in column(current_app, select(EmergencyAccess.__table__.c.reason))[0]


@pytest.mark.parametrize("role", [Role.STAFF, Role.AUDITOR])
def test_who_sees_the_whole_clinic_opens_nothing_in_an_emergency(alma, patient, role):
    with pytest.raises(ConflictError, match="open to you already"):
        open_record(patient, a_colleague(alma, "Nils Berg", role))


def test_an_hour_is_not_made_longer_while_it_lasts(alma, cara, patient):
    open_record(patient, cara)

    with pytest.raises(ConflictError, match="open to you already"):
        open_record(patient, cara)
    with pytest.raises(ConflictError, match="open to you already"):
        open_record(patient, alma)


def test_when_it_is_over_it_takes_another_reason(cara, patient):
    open_record(patient, cara, at=now() - JUST_OVER)

    open_record(patient, cara)

    assert len(column(current_app, select(EmergencyAccess.id))) == 2


def test_it_never_reaches_another_clinic(boris, patient):
    for patient_id in (patient.id, STRANGER_ID, "", "\x00"):
        with pytest.raises(NotFoundError):
            emergency.open_record(patient_id, reason=REASON, by=boris, at=now())
        with pytest.raises(NotFoundError):
            emergency.whose(patient_id, by=boris, at=now())


def test_it_is_no_way_into_the_team(alma, cara, patient):
    open_record(patient, cara)

    with pytest.raises(NotInCareError):
        care_team.add(patient.id, user_id=cara.id, by=cara, at=now())
    with pytest.raises(NotInCareError):
        care_team.remove(patient.id, user_id=alma.id, by=cara, at=now())
    assert not care_team.view(patient.id, by=cara).may_change


def test_a_program_that_is_issued_in_an_emergency_makes_nobody_a_member(cara, patient):
    open_record(patient, cara)
    draft = a_draft(patient, cara)

    programs.issue(draft_id=draft.id, revision=draft.revision, idempotency_key=a_key(), by=cara, at=now())

    assert cara.id not in {member.id for member in care_team.view(patient.id, by=cara).members}


def test_members_see_no_banner(alma, patient):
    assert emergency.until(patient.id, by=alma) is None


def test_an_administrator_sees_who_opened_which_record_and_why(cara, ada, patient):
    access = open_record(patient, cara)

    (one,) = emergency.openings(page=1, by=ada, at=now()).items

    assert (one.who, one.identifier, one.access.reason, one.may_review) == ("Cara Voss", "M-42", REASON, True)
    assert one.access.id == access.id
    assert emergency.unreviewed(by=ada) == 1


def test_what_was_reviewed_says_by_whom_and_waits_no_longer(cara, ada, patient):
    access = open_record(patient, cara)

    emergency.review(access.id, by=ada, at=now())

    (one,) = emergency.openings(page=1, by=ada, at=now()).items
    assert (one.reviewed_by, one.may_review, emergency.unreviewed(by=ada)) == ("Ada Brook", False, 0)
    with pytest.raises(ConflictError):
        emergency.review(access.id, by=ada, at=now())


def test_nobody_reviews_what_they_opened_themselves_while_somebody_else_can(alma, ada, patient):
    both = a_colleague(alma, "Nils Berg", Role.THERAPIST, Role.ADMINISTRATOR)
    access = open_record(patient, both)

    with pytest.raises(ConflictError, match="opened this record yourself"):
        emergency.review(access.id, by=both, at=now())

    assert [one.may_review for one in emergency.openings(page=1, by=both, at=now()).items] == [False]
    assert [one.may_review for one in emergency.openings(page=1, by=ada, at=now()).items] == [True]


def test_another_clinics_openings_are_not_there(bea, cara, patient):
    access = open_record(patient, cara)

    assert emergency.openings(page=1, by=bea, at=now()).total == 0
    assert emergency.unreviewed(by=bea) == 0
    for access_id in (access.id, STRANGER_ID, "\x00"):
        with pytest.raises(NotFoundError):
            emergency.review(access_id, by=bea, at=now())


def test_administrators_are_written_to_without_a_word_of_the_patient(cara, patient, tmp_path):
    open_record(patient, cara)
    mail.install(post_of(server="", sender="", folder=str(tmp_path)))

    emergency.tell(by=cara, at=now(), link="https://holdwell.example/emergency")
    mail.install(post_of(server="", sender="", folder=""))

    (letter,) = [path.read_text() for path in tmp_path.glob("*.eml")]
    assert "To: ada@clinic.example" in letter
    assert "Cara Voss" in letter
    assert "https://holdwell.example/emergency" in letter
    assert not [word for word in ("Maya", "Holm", "M-42", REASON) if word in letter]


def test_a_mail_server_that_is_down_keeps_nobody_out(cara, patient):
    open_record(patient, cara)
    mail.install(post_of(server="smtp://127.0.0.1:1", sender="holdwell@clinic.example", folder=""))

    emergency.tell(by=cara, at=now(), link="https://holdwell.example/emergency")
    mail.install(post_of(server="", sender="", folder=""))

    assert patients.get(patient.id, by=cara, at=now()).id == patient.id
