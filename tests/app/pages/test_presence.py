"""How long a sign-in lasts: asking does not prolong it, staying does, and nothing revives it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.clock import now
from app.models import AuthSession
from tests.records import change, column


def last_uses(app):
    return column(app, select(AuthSession.last_seen_at))


def leave_for(app, **ago):
    change(app, update(AuthSession).values(last_seen_at=now() - timedelta(**ago)))


def test_asking_how_long_a_sign_in_lasts_does_not_prolong_it(app, alma, as_alma):
    leave_for(app, minutes=10)
    before = last_uses(app)

    state = as_alma.get("/session").json

    assert 290 <= state["seconds_left"] <= 300
    assert (state["is_final"], state["user"]) == (False, alma.id)
    assert last_uses(app) == before


def test_staying_prolongs_it(app, as_alma):
    leave_for(app, minutes=10)

    state = as_alma.post("/session").json

    assert state["seconds_left"] >= 890
    assert now() - last_uses(app)[0] < timedelta(minutes=1)


def test_nothing_prolongs_a_sign_in_beyond_its_twelve_hours(app, as_alma):
    change(app, update(AuthSession).values(expires_at=now() + timedelta(seconds=60)))

    state = as_alma.post("/session").json

    assert (state["is_final"], state["seconds_left"] <= 60) == (True, True)


@pytest.mark.parametrize("query", ["?skip_timeout_reset=1", "?stay=1"])
def test_no_parameter_revives_a_sign_in_that_has_ended(app, as_alma, query):
    leave_for(app, minutes=15)

    assert as_alma.get(f"/session{query}").status_code == 303
    assert as_alma.post(f"/session{query}").status_code == 401
    assert as_alma.get("/patients").status_code == 303
