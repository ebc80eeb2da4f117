"""Guessing is slow, nobody is locked out for good, and no attack fills a table."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.clock import now
from app.database import unit_of_work
from app.errors import TooManyError
from app.models import AuditEvent, RateCounter
from app.scope import SIGN_IN
from app.services import throttle
from app.services.throttle import PER_PERSON, PLACES, Counters, Quota
from tests.records import column

MINUTE = timedelta(minutes=1)
ADDRESS = "alma@clinic.example"


@pytest.fixture
def begun():
    """When it all begins."""
    return now()


def attempt(at, *, address=ADDRESS, device=None, ip="192.0.2.1"):
    with unit_of_work(SIGN_IN) as session:
        return throttle.sign_in(session, throttle.guesser(address, device), ip=ip, at=at)


def passed(times, *, address=ADDRESS, device=None, ip="192.0.2.1"):
    """How many of the attempts at those times were let through."""
    with unit_of_work(SIGN_IN) as session:
        whose = throttle.guesser(address, device)
        return sum(throttle.sign_in(session, whose, ip=ip, at=at) == 0 for at in times)


def rows():
    with unit_of_work(SIGN_IN) as session:
        return session.scalar(select(func.count()).select_from(RateCounter))


def test_ten_attempts_pass_and_then_none(begun):
    assert [attempt(begun) > 0 for _ in range(12)] == [False] * 10 + [True] * 2


@pytest.mark.asvs("6.3.1")
def test_of_ten_thousand_guesses_in_an_hour_from_as_many_places_forty_are_looked_at(begun):
    looked_at, whose = 0, throttle.guesser(ADDRESS, None)
    with unit_of_work(SIGN_IN) as session:
        for n in range(10_000):
            ip, at = f"10.0.{n // 250}.{n % 250}", begun + timedelta(seconds=0.36) * n
            looked_at += throttle.sign_in(session, whose, ip=ip, at=at) == 0

    assert looked_at == 40


def test_in_no_fifteen_minutes_do_more_than_ten_pass(begun):
    late, early = begun + 14 * MINUTE, begun + 16 * MINUTE
    attempt(begun)

    assert passed([late] * 12 + [early] * 12) == 9 + 1


def test_after_fifteen_minutes_without_a_guess_all_is_well(begun):
    passed([begun] * 30)

    assert attempt(begun + 15 * MINUTE) == 0


@pytest.mark.asvs("6.3.1")
def test_refused_guesses_do_not_prolong_the_wait(begun):
    passed([begun + MINUTE * n for n in range(15) for _ in range(5)])

    assert attempt(begun + 15 * MINUTE) == 0


def test_the_wait_is_told_in_seconds(begun):
    passed([begun] * 10)

    assert attempt(begun + 5 * MINUTE) == 600


def test_guesses_at_any_number_of_addresses_leave_a_bounded_number_of_rows(begun, monkeypatch):
    monkeypatch.setattr(throttle, "PLACES", 8)
    for n in range(300):
        attempt(begun, address=f"{n}@nowhere.example", ip=f"192.0.2.{n % 5}")

    assert rows() <= 8 * 10 + 5
    assert PLACES * 10 < 200_000


def test_strangers_fill_no_place_of_a_known_browser_and_it_fills_none_of_theirs(begun):
    passed([begun] * 20)

    assert passed([begun] * 12, device="a") == 10
    assert passed([begun] * 12, device="b") == 10


def test_a_known_browser_is_let_in_where_strangers_have_used_up_the_network_address(begun):
    for n in range(101):
        attempt(begun, address=f"{n}@nowhere.example")

    assert attempt(begun) > 0
    assert attempt(begun, device="a") == 0


def test_what_has_expired_is_dropped(begun):
    passed([begun] * 20)
    attempt(begun + 20 * MINUTE, address="x@y.example")

    assert rows() == 2


def test_nothing_in_the_table_can_be_read(alma, begun):
    attempt(begun, ip="192.0.2.77")
    with unit_of_work(SIGN_IN) as session:
        keys = session.scalars(select(RateCounter.key)).all()

    assert all(len(key) == 64 and alma.id not in key and "192" not in key for key in keys)


def test_one_network_address_is_refused_after_a_hundred_attempts_whoever_they_are_for(begun):
    waits = [attempt(begun, address=f"{n}@nowhere.example") for n in range(105)]

    assert [wait > 0 for wait in waits] == [False] * 100 + [True] * 5
    assert attempt(begun, address="a@b.example", ip="192.0.2.2") == 0


def test_the_addresses_of_one_network_count_as_one(begun):
    waits = [attempt(begun, address=f"{n}@nowhere.example", ip=f"2001:db8:0:1::{n:x}") for n in range(1, 103)]

    assert waits[-1] > 0
    assert attempt(begun, address="a@b.example", ip="2001:db8:0:2::1") == 0


@pytest.mark.parametrize("ip", [None, "", "nonsense", "::ffff:1.2.3.4", "fe80::1%eth0"])
def test_a_strange_network_address_is_counted_too(begun, ip):
    assert attempt(begun, ip=ip) == 0


def test_what_is_tried_in_one_way_takes_no_place_of_another(alma, begun):
    passed([begun] * 10)
    with unit_of_work(alma.clinic_id) as session:
        waits = [
            [count(session, alma.id, at=begun) for _ in range(11)]
            for count in (throttle.code, throttle.proof, throttle.passkey)
        ]

    assert [[wait > 0 for wait in some] for some in waits] == [[False] * 10 + [True]] * 3


def test_that_somebody_is_under_attack_is_news_once_in_a_while(alma, begun):
    with unit_of_work(SIGN_IN) as session:
        told = [throttle.is_news(session, alma.id, at=begun + n * MINUTE) for n in range(16)]

    assert told == [True] + [False] * 14 + [True]


@pytest.mark.asvs("2.4.1", "16.3.3")
def test_nobody_reads_a_thousand_records_in_a_minute_unnoticed(app, alma, sten, begun):
    limit = PER_PERSON[Quota.RECORDS]
    with unit_of_work(SIGN_IN) as session:
        Counters(session, begun).incr(limit.key_for(alma.id), 60, 999)

    throttle.per_person(alma, Quota.RECORDS, at=begun)
    with pytest.raises(TooManyError) as refusal:
        throttle.per_person(alma, Quota.RECORDS, at=begun + timedelta(seconds=20))

    assert refusal.value.seconds == 40
    with pytest.raises(TooManyError):
        throttle.per_person(alma, Quota.RECORDS, at=begun)
    throttle.per_person(sten, Quota.RECORDS, at=begun)
    throttle.per_person(alma, Quota.RECORDS, at=begun + timedelta(seconds=60))
    assert column(app, select(AuditEvent.detail).where(AuditEvent.outcome == "refused")) == ["too_many_records"]


def test_counters_begin_anew_when_told(begun):
    with unit_of_work(SIGN_IN) as session:
        counters = Counters(session, begun)
        counters.incr("one", 60, 5)
        counters.incr("two", 60, 1)
        counters.clear("one")

        assert (counters.get("one"), counters.get("two"), counters.check()) == (0, 1, True)
        assert counters.reset() == 1
        assert counters.get_expiry("two") == begun.timestamp()
