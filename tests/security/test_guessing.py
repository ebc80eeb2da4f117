"""Guessing at the door, and taking too much: an end to both, and nothing to be learnt from it."""

import re

import pytest

from app.clock import now
from app.database import unit_of_work
from app.models import AuditEvent, AuthSession, RateCounter
from app.policy import rule_for
from app.scope import SIGN_IN
from app.services.throttle import PER_PERSON, Counters, Quota
from tests.conftest import PASSWORD, signed_in
from tests.records import count
from tests.security.walking import ask, calls


@pytest.mark.asvs("2.4.1")
def test_what_one_person_reads_in_a_minute_has_an_end_on_every_route_that_shows_a_record(app, alma):
    browser = signed_in(app, alma)
    with app.app_context(), unit_of_work(SIGN_IN) as session:
        Counters(session, now()).incr(PER_PERSON[Quota.RECORDS].key_for(alma.id), 60, 1000)
    dear = [call for call in calls(app) if rule_for(call.endpoint, call.method).limit is Quota.RECORDS]
    answers = [ask(browser, call) for call in dear]

    assert len(dear) > 8
    assert {(answer.status_code, answer.headers["Retry-After"] != "") for answer in answers} == {(429, True)}


def guess(app, email, n=0):
    form = {"email": email, "password": f"a wrong guess {n}"}
    answer = app.test_client().post("/sign-in", data=form)
    words = answer.text.replace(email, "")
    return answer.status_code, re.sub(r'name="csrf_token" value="[^"]*"', "", words), sorted(answer.headers.keys())


@pytest.mark.asvs("6.3.1")
@pytest.mark.parametrize("who", ["alma", "nobody"])
def test_of_thirty_guesses_ten_are_looked_at(app, who):
    answers = [guess(app, f"{who}@clinic.example", n)[0] for n in range(30)]

    assert answers == [422] * 10 + [429] * 20


@pytest.mark.asvs("6.3.8")
def test_a_guess_at_somebody_reads_like_a_guess_at_nobody(app):
    known = [guess(app, "alma@clinic.example") for _ in range(11)]
    unknown = [guess(app, "nobody@clinic.example") for _ in range(11)]

    assert [one[::2] for one in known] == [one[::2] for one in unknown]
    assert known[0][1] == unknown[0][1]
    assert known[-1][1] == unknown[-1][1]


def test_the_answer_to_too_many_says_when_to_come_back(app):
    for _ in range(10):
        guess(app, "alma@clinic.example")

    answer = app.test_client().post("/sign-in", data={"email": "alma@clinic.example", "password": PASSWORD})

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "Wait 15 minutes and try again." in answer.text


def test_guesses_at_nobody_leave_no_trail_and_few_rows(app):
    before = count(app, AuditEvent)
    for n in range(25):
        guess(app, f"{n}@nowhere.example")

    assert count(app, AuditEvent) == before
    assert count(app, RateCounter) <= 25 + 2
    assert count(app, AuthSession) == 0


@pytest.mark.asvs("4.1.3", "15.3.4")
@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-Ip", "Forwarded", "X-Client-Ip"])
def test_nobody_escapes_the_count_of_their_network_by_a_header(app, name):
    for n in range(4):
        app.test_client().post(
            "/sign-in", data={"email": "a@b.example", "password": "x"}, headers={name: f"192.0.2.{n}"}
        )

    # One row for the network address, one for those who are unknown, four for the address that was tried.
    assert count(app, RateCounter) == 6
