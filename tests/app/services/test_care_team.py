"""Care teams: whose records a therapist reaches where the clinic restricts it. Who leaves is refused at once."""

import pytest
from flask import current_app
from sqlalchemy import select

from app.clock import now
from app.errors import ConflictError, InvalidError, NotFoundError, NotInCareError
from app.models import AuditEvent, CareTeamMember, Role
from app.services import care_team, drafts, history, patients, programs, screenings
from app.services.history import HistoryFilters
from app.services.patients import PatientFacts
from tests.builders import (
    STRANGER_ID,
    a_document,
    a_draft,
    a_file,
    a_key,
    a_patient,
    a_screened_patient,
    a_screening_document,
    an_issued_program,
)
from tests.builders_care import a_colleague, again, restrict
from tests.records import column, stored


@pytest.fixture
def alma(app, alma):
    """Alma, in a clinic that restricts access."""
    restrict(app, alma)
    return again(alma)


@pytest.fixture
def cara(alma):
    """Another therapist of the clinic, outside Alma's care teams."""
    return a_colleague(alma)


@pytest.fixture
def program(alma):
    """A program of Alma's patient, who has a draft as well."""
    program = an_issued_program(alma, patient=a_screened_patient(alma))
    a_draft(program.patient, alma)
    return program


def calls(program, draft):
    """Everything that reads or changes something of a patient, by name."""
    patient_id = program.patient_id
    facts = PatientFacts(name="Other", identifier="X-1")
    file = a_file()
    return {
        "look": lambda by: patients.get(patient_id, by=by, at=now()),
        "edit": lambda by: patients.edit(patient_id, facts=facts, revision=1, by=by, at=now()),
        "newest screening": lambda by: screenings.latest(patient_id, by=by),
        "all screenings": lambda by: screenings.history(patient_id, by=by),
        "screen": lambda by: screenings.record(patient_id, document=a_screening_document(), by=by, at=now()),
        "draft of the patient": lambda by: drafts.of_patient(patient_id, by=by),
        "draft": lambda by: drafts.get(draft.id, by=by),
        "examine": lambda by: drafts.examine(a_document(), patient_id=patient_id, by=by),
        "start": lambda by: drafts.start(patient_id, from_program=None, by=by, at=now()),
        "save": lambda by: drafts.save(draft.id, document=a_document(), revision=draft.revision, by=by, at=now()),
        "discard": lambda by: drafts.discard(draft.id, revision=draft.revision, by=by, at=now()),
        "issue": lambda by: programs.issue(
            draft_id=draft.id, revision=draft.revision, idempotency_key=a_key(), by=by, at=now()
        ),
        "issue a file": lambda by: programs.issue_file(
            patient_id=patient_id, document=file, idempotency_key=a_key(), by=by, at=now()
        ),
        "issue again": lambda by: programs.issue(
            draft_id=STRANGER_ID, revision=1, idempotency_key=program.idempotency_key, by=by, at=now()
        ),
        "program": lambda by: programs.get(program.id, by=by, at=now()),
        "pdf": lambda by: programs.pdf(program.id, by=by, at=now()),
        "withdraw": lambda by: programs.withdraw(program.id, reason="It is not mine at all.", by=by, at=now()),
        "team": lambda by: care_team.view(patient_id, by=by),
        "join": lambda by: care_team.add(patient_id, user_id=by.id, by=by, at=now()),
        "remove": lambda by: care_team.remove(patient_id, user_id=program.issued_by_id, by=by, at=now()),
    }


CALLS = tuple(calls(type("", (), dict.fromkeys(("id", "patient_id", "idempotency_key", "issued_by_id")))(), None))


@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("name", CALLS)
def test_a_therapist_outside_the_care_team_is_refused(alma, cara, program, name):
    act = calls(program, drafts.of_patient(program.patient_id, by=alma))[name]
    before = column(current_app, select(AuditEvent.id))

    with pytest.raises(NotInCareError) as refusal:
        act(cara)

    assert refusal.value.patient_id == program.patient_id
    assert column(current_app, select(AuditEvent.id)) == before


@pytest.mark.asvs("8.3.2")
@pytest.mark.parametrize("name", CALLS)
def test_leaving_the_team_refuses_the_very_next_call(alma, cara, program, name):
    act = calls(program, drafts.of_patient(program.patient_id, by=alma))[name]
    care_team.add(program.patient_id, user_id=cara.id, by=alma, at=now())
    patients.get(program.patient_id, by=cara, at=now())
    care_team.remove(program.patient_id, user_id=cara.id, by=alma, at=now())

    with pytest.raises(NotInCareError):
        act(cara)


def test_a_member_of_the_team_works_with_the_patient_like_whoever_added_them(alma, cara, program):
    care_team.add(program.patient_id, user_id=cara.id, by=alma, at=now())
    draft = drafts.of_patient(program.patient_id, by=cara)

    drafts.save(draft.id, document=a_document(), revision=draft.revision, by=cara, at=now())

    assert programs.pdf(program.id, by=cara, at=now()).sha256 == program.pdf_sha256
    assert screenings.latest(program.patient_id, by=cara) is not None


def test_the_same_idempotency_key_hands_nothing_to_an_outsider(alma, cara):
    patient, key, file = a_screened_patient(alma), a_key(), a_file()
    programs.issue_file(patient_id=patient.id, document=file, idempotency_key=key, by=alma, at=now())

    with pytest.raises(NotInCareError):
        programs.issue_file(patient_id=patient.id, document=file, idempotency_key=key, by=cara, at=now())


def test_an_outsider_finds_the_patient_and_sees_that_the_record_is_closed(alma, cara):
    ours, hers = a_patient(alma, name="Maya Holm"), a_patient(cara, name="Maya Ek")

    found = patients.search(text="maya", page=1, by=cara, at=now()).items

    assert {patient.name for patient in found} == {"Maya Holm", "Maya Ek"}
    assert care_team.outside(found, by=cara) == {ours.id}
    assert care_team.outside(found, by=alma) == {hers.id}
    assert care_team.outside([], by=alma) == frozenset()


def test_the_history_and_its_export_hold_the_programs_of_ones_own_patients(alma, cara, program):
    def rows(by):
        listed = history.find(filters=HistoryFilters(), page=1, by=by, at=now()).items
        taken = history.rows(filters=HistoryFilters(patient_id=program.patient_id), by=by, at=now())
        return len(listed), len(list(taken))

    assert (rows(alma), rows(cara)) == ((1, 1), (0, 0))


@pytest.mark.parametrize("role", [Role.STAFF, Role.AUDITOR])
def test_staff_and_auditors_see_the_whole_clinic(alma, program, role):
    somebody = a_colleague(alma, "Nils Berg", role)

    assert patients.get(program.patient_id, by=somebody, at=now()).id == program.patient_id
    assert history.find(filters=HistoryFilters(), page=1, by=somebody, at=now()).total == 1
    assert programs.pdf(program.id, by=somebody, at=now()).sha256 == program.pdf_sha256


@pytest.mark.parametrize("roles", [(Role.THERAPIST, Role.ADMINISTRATOR), (Role.THERAPIST,)])
def test_administering_opens_no_record(alma, program, roles):
    with pytest.raises(NotInCareError):
        patients.get(program.patient_id, by=a_colleague(alma, "Nils Berg", *roles), at=now())


def test_a_clinic_that_restricts_nothing_opens_every_record(boris):
    patient = a_patient(boris)
    colleague = a_colleague(boris)

    assert patients.get(patient.id, by=colleague, at=now()).id == patient.id


def test_whoever_adds_a_patient_is_in_the_team(alma):
    patient = a_patient(alma)

    assert [member.id for member in care_team.view(patient.id, by=alma).members] == [alma.id]


def test_whoever_issues_a_program_is_in_the_team_from_then_on(app, boris):
    patient, colleague = a_screened_patient(boris), a_colleague(boris)
    an_issued_program(colleague, patient=patient)
    restrict(app, boris)

    assert patients.get(patient.id, by=again(colleague), at=now()).id == patient.id


def test_the_trail_says_who_came_into_the_team_and_who_left(alma, cara):
    patient = a_patient(alma)
    care_team.add(patient.id, user_id=cara.id, by=alma, at=now())
    care_team.remove(patient.id, user_id=cara.id, by=alma, at=now())

    events = stored(current_app, select(AuditEvent.__table__).where(AuditEvent.object_id == cara.id))
    told = [(event.action, event.actor_id) for event in events if event.patient_id == patient.id]
    assert told == [("patient.team_joined", alma.id), ("patient.team_left", alma.id)]


def test_the_team_offers_whoever_looks_after_patients(alma, cara, sten, ada, ines):
    patient = a_patient(alma)

    team = care_team.view(patient.id, by=alma)

    assert [user.id for user in team.others] == [cara.id, sten.id]
    assert not {ada.id, ines.id} & {user.id for user in team.others}
    assert team.options[0] == (cara.id, "Cara Voss")


def test_an_auditor_sees_the_team_and_may_not_change_it(alma, ines):
    patient = a_patient(alma)

    team = care_team.view(patient.id, by=again(ines))

    assert ([member.id for member in team.members], list(team.others), team.may_change) == ([alma.id], [], False)


def test_the_last_one_of_a_team_stays(alma):
    patient = a_patient(alma)

    with pytest.raises(ConflictError, match="last one of the team"):
        care_team.remove(patient.id, user_id=alma.id, by=alma, at=now())


def test_nobody_is_in_a_team_twice(alma, cara):
    patient = a_patient(alma)
    care_team.add(patient.id, user_id=cara.id, by=alma, at=now())

    with pytest.raises(ConflictError, match="already"):
        care_team.add(patient.id, user_id=cara.id, by=alma, at=now())

    assert len(column(current_app, select(CareTeamMember.id))) == 2


def test_who_is_not_in_the_team_does_not_leave_it(alma, cara):
    patient = a_patient(alma)

    with pytest.raises(ConflictError, match="not in the care team"):
        care_team.remove(patient.id, user_id=cara.id, by=alma, at=now())


@pytest.mark.parametrize("who", ["ada", "ines", "boris"])
def test_who_looks_after_nobody_here_joins_no_team(alma, request, who):
    patient, somebody = a_patient(alma), request.getfixturevalue(who)

    with pytest.raises(InvalidError):
        care_team.add(patient.id, user_id=somebody.id, by=alma, at=now())


@pytest.mark.parametrize("user_id", ["", "x", "\x00", STRANGER_ID])
def test_nobody_joins_no_team(alma, user_id):
    patient = a_patient(alma)

    with pytest.raises(InvalidError):
        care_team.add(patient.id, user_id=user_id, by=alma, at=now())


def test_the_team_of_a_foreign_patient_is_not_found(alma, boris):
    patient = a_patient(alma)

    for act in (care_team.add, care_team.remove):
        with pytest.raises(NotFoundError):
            act(patient.id, user_id=boris.id, by=boris, at=now())


def test_staff_can_put_a_team_together_that_has_lost_its_people(alma, sten, cara):
    patient = a_patient(alma)
    staff = again(sten)

    care_team.add(patient.id, user_id=cara.id, by=staff, at=now())
    care_team.remove(patient.id, user_id=alma.id, by=staff, at=now())

    assert [member.id for member in care_team.view(patient.id, by=staff).members] == [cara.id]
