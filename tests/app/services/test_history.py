"""The history: found by patient, number, status and day; taken away as a table."""

from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import select

from app.clock import now
from app.errors import InvalidError
from app.models import AuditEvent
from app.services import programs
from app.services.programs import HistoryFilters
from tests.builders import STRANGER_ID, a_screened_patient, an_issued_program
from tests.records import column

TODAY = now().date()


def found(by, **filters):
    page = programs.find(filters=HistoryFilters(**filters), page=1, by=by, at=now())
    return [(program.patient.name, program.version) for program in page.items]


@pytest.fixture
def issued(alma):
    """Maya has two versions, Zoë one."""
    first = an_issued_program(alma, patient=a_screened_patient(alma, name="Maya Holm", identifier="M1"))
    an_issued_program(alma, patient=first.patient, from_program=first.id)
    an_issued_program(alma, patient=a_screened_patient(alma, name="Zoë Ek", identifier="Z1"))
    return first


@pytest.mark.usefixtures("issued")
def test_the_newest_comes_first(alma):
    assert found(alma) == [("Zoë Ek", 1), ("Maya Holm", 2), ("Maya Holm", 1)]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"text": "zoe"}, [("Zoë Ek", 1)]),
        ({"text": "m1"}, [("Maya Holm", 2), ("Maya Holm", 1)]),
        ({"text": "zoe m1"}, []),
        ({"text": "%"}, []),
        ({"status": "superseded"}, [("Maya Holm", 1)]),
        ({"status": "withdrawn"}, []),
        ({"issued_from": (TODAY + timedelta(days=2)).isoformat()}, []),
        ({"issued_to": (TODAY - timedelta(days=2)).isoformat()}, []),
        ({"text": "zoe", "issued_from": (TODAY - timedelta(days=1)).isoformat()}, [("Zoë Ek", 1)]),
        ({"patient_id": STRANGER_ID}, []),
        ({"issued_by_id": STRANGER_ID}, []),
    ],
)
@pytest.mark.usefixtures("issued")
def test_each_filter_narrows_the_list(alma, filters, expected):
    assert found(alma, **filters) == expected


def test_a_program_is_found_by_its_number(alma, issued):
    assert found(alma, text=issued.number.lower()) == [("Maya Holm", 2), ("Maya Holm", 1)]


def test_a_program_is_found_by_its_patient_and_its_therapist(alma, issued):
    assert len(found(alma, patient_id=issued.patient_id, issued_by_id=alma.id)) == 2


@pytest.mark.usefixtures("issued")
def test_the_day_is_the_clinics(alma):
    alma.clinic.time_zone = "Pacific/Kiritimati"
    there = (now() + timedelta(hours=14)).date()

    assert len(found(alma, issued_from=there.isoformat(), issued_to=there.isoformat())) == 3
    assert found(alma, issued_to=(there - timedelta(days=1)).isoformat()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "issued"),
        ("issued_from", "yesterday"),
        ("issued_to", "9999-12-31"),
        ("issued_from", "0001-01-01"),
        ("patient_id", "1"),
        ("issued_by_id", "\x00"),
    ],
)
def test_a_filter_that_is_none_is_refused_by_name(alma, name, value):
    with pytest.raises(InvalidError) as refusal:
        found(alma, **{name: value})

    assert list(refusal.value.errors) == [name]


@pytest.mark.usefixtures("issued")
def test_another_clinic_has_its_own_history(boris):
    assert found(boris) == []
    assert list(programs.rows(filters=HistoryFilters(), by=boris, at=now())) == []


@pytest.mark.usefixtures("issued")
def test_an_export_holds_what_the_list_holds_and_leaves_a_trace(sten):
    rows = list(programs.rows(filters=HistoryFilters(text="maya"), by=sten, at=now()))

    assert [(row.patient_name, row.version, row.status) for row in rows] == [
        ("Maya Holm", 2, "current"),
        ("Maya Holm", 1, "superseded"),
    ]
    actions = column(current_app, select(AuditEvent.action).where(AuditEvent.actor_id == sten.id))
    assert "history.exported" in actions


@pytest.mark.usefixtures("issued")
def test_an_export_is_noted_even_when_nobody_reads_it(sten):
    programs.rows(filters=HistoryFilters(), by=sten, at=now())

    actions = column(current_app, select(AuditEvent.action).where(AuditEvent.actor_id == sten.id))
    assert "history.exported" in actions
