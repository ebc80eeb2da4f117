"""Reading the trail: filters, orders, pages that stay in place while it grows, and the week in figures."""

from datetime import UTC, datetime, timedelta

import pytest

from app.clock import now
from app.database import unit_of_work
from app.errors import InvalidError
from app.models import Action
from app.models.base import new_id
from app.services import audit, audit_search, audit_week, history
from app.services.audit_search import ORDERS, Order, TrailFilters
from app.services.audit_week import MANY, busiest_hour
from app.services.history import HistoryFilters
from tests.builders import a_patient

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def note(by, action=Action.PATIENT_VIEWED, *, at=None, **more):
    with unit_of_work(by.clinic_id) as session:
        audit.record(session, action, by=by, at=at or now(), **more)


def look_at(by, *, patients, at):
    with unit_of_work(by.clinic_id) as session:
        for number in range(patients):
            when = at + timedelta(seconds=number)
            audit.record(session, Action.PATIENT_VIEWED, by=by, at=when, patient_id=new_id())


def found(by, **filters):
    return audit_search.find(filters=TrailFilters(**filters), by=by, at=now()).events


def all_pages(by, order):
    numbers, after = [], None
    while True:
        page = audit_search.find(filters=TrailFilters(until="2026-11-23"), order=order, after=after, by=by, at=AT)
        numbers += [event.n for event in page.events]
        after = page.next_after
        if after is None:
            return numbers


@pytest.mark.parametrize("name", ["patient_id", "object_id"])
def test_events_are_found_by_whom_and_what_they_are_about(alma, ada, name):
    wanted = new_id()
    note(alma, **{name: wanted})
    note(alma, **{name: new_id()})

    assert [getattr(event, name) for event in found(ada, **{name: wanted})][-1:] == [wanted]
    assert len([event for event in found(ada, **{name: wanted}) if event.actor_id == alma.id]) == 1


def test_events_are_found_by_person_action_and_outcome(alma, sten, ada):
    note(alma)
    note(sten)
    note(sten, Action.ACCESS_REFUSED, outcome="refused")

    assert {event.actor_id for event in found(ada, actor_id=sten.id)} == {sten.id}
    assert {event.action for event in found(ada, action="patient.viewed")} == {"patient.viewed"}
    assert [event.action for event in found(ada, outcome="refused")] == ["access.refused"]


def test_days_are_those_of_the_clinics_clock(alma, ada):
    note(alma, at=datetime(2020, 6, 30, 23, 30, tzinfo=UTC))  # half past midnight of 1 July in London

    assert len(found(ada, since="2020-07-01", until="2020-07-01")) == 1
    assert found(ada, since="2020-06-30", until="2020-06-30") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("actor_id", "alma"),
        ("patient_id", "' OR 1=1"),
        ("object_id", "\x00"),
        ("action", "patient.eaten"),
        ("outcome", "perhaps"),
        ("since", "23/11/2026"),
        ("until", "2026-02-30"),
    ],
)
def test_a_filter_that_is_none_is_refused_by_name(ada, name, value):
    with pytest.raises(InvalidError) as refusal:
        found(ada, **{name: value})

    assert list(refusal.value.errors) == [name]


def test_another_clinic_finds_nothing(alma, bea):
    note(alma, patient_id=new_id())

    assert alma.id not in {event.actor_id for event in found(bea)}


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("by", list(ORDERS))
def test_every_event_stands_on_one_page_whatever_the_order(alma, ada, by, descending):
    patients = [new_id(), None]
    for number in range(120):
        note(alma, at=AT + timedelta(seconds=number), patient_id=patients[number % 2], object_id=new_id())

    # Each page leaves an event of its own meanwhile; those come at the end of the newest.
    numbers = all_pages(ada, Order(by, descending=descending))

    assert len(numbers) == len(set(numbers))
    assert len([number for number in numbers if number]) >= 120


def test_newest_come_first(alma, ada):
    note(alma)

    numbers = [event.n for event in found(ada)]

    assert numbers == sorted(numbers, reverse=True)


def test_reading_the_trail_leaves_an_event(alma, ada):
    wanted = a_patient(alma).id
    found(ada, patient_id=wanted)

    assert next((event.action, event.patient_id) for event in found(ada)) == ("audit.searched", wanted)


def test_no_id_is_kept_in_the_trail_that_is_of_no_patient_of_the_clinic(alma, boris, ada):
    for wanted in (new_id(), a_patient(boris).id, ada.id):
        found(ada, patient_id=wanted)
        list(audit_search.export(filters=TrailFilters(patient_id=wanted), by=ada, at=now()))
        history.find(filters=HistoryFilters(patient_id=wanted), page=1, by=alma, at=now())
        history.rows(filters=HistoryFilters(patient_id=wanted), by=alma, at=now())

    told = [(event.action, event.patient_id) for event in found(ada)][:12]
    actions = {"audit.searched", "audit.exported", "program.searched", "history.exported"}
    assert {action for action, _ in told} == actions
    assert {patient_id for _, patient_id in told} == {None}


def test_an_export_holds_all_up_to_itself_and_leaves_an_event(alma, ada):
    for number in range(60):
        note(alma, at=now() - timedelta(seconds=60 - number))

    events = list(audit_search.export(filters=TrailFilters(), by=ada, at=now()))

    numbers = [event.n for event in events]
    assert numbers == list(range(1, len(numbers) + 1))
    assert events[-1].action == "audit.exported"


def test_the_week_counts_what_was_done_and_what_was_refused(alma, ada):
    at = now()
    note(alma, Action.PROGRAM_VIEWED, at=at - timedelta(days=8))
    note(alma, Action.PROGRAM_VIEWED, at=at - timedelta(days=6))
    note(alma, Action.ACCESS_REFUSED, at=at, outcome="refused")

    week = audit_week.last_week(by=ada, at=at)

    assert dict(week.counts)["program.viewed"] == 1
    assert week.refused == 1
    assert week.mass_reads == []


def test_who_opened_very_many_records_in_an_hour_is_marked(alma, sten, ada):
    at = now() - timedelta(hours=5)
    look_at(alma, patients=MANY + 1, at=at)
    look_at(sten, patients=MANY, at=at)

    (one,) = audit_week.last_week(by=ada, at=now()).mass_reads

    assert (one.actor_id, one.records, one.since) == (alma.id, MANY + 1, at)


def test_many_records_over_a_day_are_ordinary_work(alma, ada):
    for hour in range(4):
        look_at(alma, patients=40, at=now() - timedelta(hours=10 - 2 * hour))

    assert audit_week.last_week(by=ada, at=now()).mass_reads == []


def test_one_patient_seen_often_is_one_record():
    openings = [(AT + timedelta(minutes=minute), "one") for minute in range(30)]

    assert busiest_hour(openings) == (1, AT)


def test_the_busiest_hour_need_not_begin_on_the_clock():
    openings = [(AT + timedelta(minutes=minute), str(minute)) for minute in (0, 50, 55, 70, 100, 200)]

    assert busiest_hour(openings) == (4, AT + timedelta(minutes=50))


def test_an_hour_later_is_another_hour():
    assert busiest_hour([(AT, "one"), (AT + timedelta(hours=1), "another")])[0] == 1


def test_without_openings_there_is_no_busiest_hour():
    assert busiest_hour([]) == (0, None)
