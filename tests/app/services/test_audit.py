"""The trail: written with the act or not at all, numbered without gaps, told where it came from, anchored outside."""

import json
import logging
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.clock import now
from app.database import unit_of_work
from app.models import Action, AuditEvent, AuditHead, User
from app.services import audit
from app.services.audit_anchor import Anchor, pins
from app.services.audit_chain import Link
from tests.builders import a_patient
from tests.records import stored


@pytest.fixture
def trail(app, alma):
    """Reads Riverside's trail."""

    def read():
        query = select(AuditEvent.__table__).where(AuditEvent.clinic_id == alma.clinic_id)
        return stored(app, query.order_by(AuditEvent.n))

    return read


@pytest.fixture
def a_request():
    """Stands for a browser's request."""
    where = audit.Origin(request_id="0" * 36, ip="192.0.2.7", agent_sha256="f" * 64)
    token = audit.origin.set(where)
    yield where
    audit.origin.reset(token)


def note(by, *actions, **more):
    with unit_of_work(by.clinic_id) as session:
        for action in actions:
            audit.record(session, action, by=by, at=now(), **more)


def think_again(by):
    with unit_of_work(by.clinic_id) as session:
        audit.record(session, Action.PATIENTS_SEARCHED, by=by, at=now())
        raise ZeroDivisionError


def rename(user, name, **more):
    with unit_of_work(user.clinic_id) as session:
        session.execute(update(User).where(User.id == user.id).values(name=name))
        audit.record(session, Action.USER_EDITED, by=user, at=now(), **more)


def test_events_are_numbered_without_gaps(alma, trail):
    note(alma, Action.PATIENTS_SEARCHED, Action.PROGRAMS_SEARCHED)
    note(alma, Action.PATIENTS_SEARCHED)

    assert [row.n for row in trail()] == list(range(1, len(trail()) + 1))


def test_each_clinic_has_a_trail_of_its_own(boris, trail):
    before = trail()

    note(boris, Action.PATIENTS_SEARCHED)

    assert trail() == before


def test_the_head_stands_at_the_last_event(app, alma, trail):
    note(alma, Action.PATIENTS_SEARCHED)

    last = trail()[-1]
    heads = stored(app, select(AuditHead.n, AuditHead.mac).where(AuditHead.clinic_id == alma.clinic_id))
    assert heads == [(last.n, last.mac)]


def test_an_act_that_is_undone_leaves_no_event(alma, trail):
    before = trail()

    with pytest.raises(ZeroDivisionError):
        think_again(alma)
    note(alma, Action.PROGRAMS_SEARCHED)

    assert [row.action for row in trail()[len(before) :]] == ["program.searched"]


def test_an_act_whose_event_can_not_be_written_does_not_happen(app, alma, trail):
    before = trail()

    with pytest.raises(TypeError):
        rename(alma, "Somebody Else", detail=object())

    assert trail() == before
    assert stored(app, select(User.name).where(User.id == alma.id)) == [("Alma Reyes",)]


@pytest.mark.asvs("16.2.1")
@pytest.mark.usefixtures("a_request")
def test_an_event_says_where_it_came_from(alma, trail):
    note(alma, Action.PATIENTS_SEARCHED)

    last = trail()[-1]
    assert (last.request_id, last.ip, last.agent_sha256) == ("0" * 36, "192.0.2.7", "f" * 64)


def test_the_command_line_has_no_address(alma, trail):
    note(alma, Action.PATIENTS_SEARCHED)

    assert (trail()[-1].request_id, trail()[-1].ip) == (None, None)


@pytest.mark.usefixtures("a_request")
def test_a_request_knows_what_it_has_left_in_the_trail(alma):
    with pytest.raises(ZeroDivisionError):
        think_again(alma)
    note(alma, Action.PATIENTS_SEARCHED)

    assert audit.recorded_actions() == ("patient.searched",)


def test_the_command_line_remembers_nothing(alma):
    note(alma, Action.PATIENTS_SEARCHED)

    assert audit.recorded_actions() == ()


@pytest.mark.asvs("16.2.1")
def test_an_event_says_who_did_what_to_whom_and_how_it_went(alma, trail):
    note(alma, Action.PROGRAM_ISSUED, object_id="o" * 36, patient_id="p" * 36, detail="a_word", pack_version="1.2")

    last = trail()[-1]
    assert (last.actor_id, last.actor_roles, last.outcome) == (alma.id, "therapist", "done")
    assert (last.object_id, last.patient_id, last.detail, last.pack_version) == ("o" * 36, "p" * 36, "a_word", "1.2")


def test_what_is_committed_is_anchored_outside_the_database(tmp_path, alma, trail):
    a_patient(alma)

    known, unreadable = pins(tmp_path / "audit-anchor.jsonl")
    last = trail()[-1]
    assert known[alma.clinic_id][last.n] == last.mac
    assert unreadable == []


@pytest.mark.asvs("16.4.2")
def test_the_anchor_is_for_the_services_own_eyes(tmp_path, alma):
    a_patient(alma)

    assert (tmp_path / "audit-anchor.jsonl").stat().st_mode & 0o777 == 0o600


def test_an_anchor_that_can_not_be_written_is_said_in_the_log(tmp_path, caplog):
    (tmp_path / "anchor").mkdir()

    Anchor(tmp_path / "anchor").append("riverside", Link(1, "a" * 64), now())

    assert [(record.name, record.levelname) for record in caplog.records] == [("holdwell.audit", "ERROR")]


def test_the_log_is_told_every_hundred_rows_or_five_minutes(tmp_path, caplog):
    caplog.set_level(logging.INFO, "holdwell.audit")
    anchor, at = Anchor(tmp_path / "anchor"), now()

    for n in (1, 2, 100, 101, 150):
        anchor.append("riverside", Link(n, "a" * 64), at)
    anchor.append("riverside", Link(151, "a" * 64), at + timedelta(minutes=5))

    assert [record.args[1] for record in caplog.records] == [1, 101, 151]


def test_a_line_that_says_nothing_is_told_by_its_number(tmp_path):
    path = tmp_path / "anchor"
    good = json.dumps({"clinic_id": "riverside", "n": 3, "mac": "a" * 64, "at": "2026-11-23T08:00:00+00:00"})
    path.write_text(f"{good}\n{{half\n[1]\n")

    known, unreadable = pins(path)

    assert known == {"riverside": {3: "a" * 64}}
    assert [one.line for one in unreadable] == [2, 3]
