"""One's own account: what is listed there, and which sign-ins can be ended from it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clock import now
from app.database import unit_of_work
from app.errors import NotFoundError
from app.models import AuditEvent
from app.services import api_tokens, own_account, second_factor, sessions
from tests.builders import STRANGER_ID
from tests.records import stored


def a_sign_in(user, *, browser="Firefox on Linux", at=None):
    """A whole sign-in of ``user``: its id and its token."""
    with unit_of_work(user.clinic_id) as session:
        row, _ = sessions.opened(session, user, browser=browser, at=at or now())
        token = sessions.completed(session, row, user, detail="totp", at=at or now())
        return row.id, token


def works(token):
    return sessions.identify(token, at=now()) is not None


def events(app):
    query = select(AuditEvent.object_id, AuditEvent.detail).where(AuditEvent.action == "session.revoked")
    return [tuple(row) for row in stored(app, query)]


def test_an_account_lists_what_opens_it(alma):
    a_sign_in(alma, browser="Safari on iPad")
    api_tokens.add(name="Import", scopes=["a"], allowed=["a"], days=1, by=alma, at=now())
    with unit_of_work(alma.clinic_id) as session:
        second_factor.new_codes(session, alma, at=now())

    account = own_account.overview(by=alma, at=now())

    assert (account.has_factor, account.codes_left, account.passkeys) == (True, 10, [])
    assert [one.browser for one in account.sessions] == ["Safari on iPad"]
    assert [one.name for one in account.tokens] == ["Import"]


def test_a_sign_in_that_has_run_out_is_not_listed(alma):
    a_sign_in(alma, at=now() - timedelta(minutes=16))

    assert own_account.overview(by=alma, at=now()).sessions == []


def test_one_sign_in_is_ended_at_once_and_noted_once(app, alma):
    (first_id, first), (_, second) = a_sign_in(alma), a_sign_in(alma)

    own_account.end_session(first_id, by=alma, at=now())
    with pytest.raises(NotFoundError):
        own_account.end_session(first_id, by=alma, at=now())

    assert (works(first), works(second)) == (False, True)
    assert events(app) == [(first_id, None)]


@pytest.mark.asvs("7.1.2", "7.4.3")
def test_all_others_are_ended_and_nobody_elses(app, alma, sten):
    (here_id, here), (_, there), (_, of_sten) = a_sign_in(alma), a_sign_in(alma), a_sign_in(sten)

    own_account.end_others(here_id, by=alma, at=now())

    assert (works(here), works(there), works(of_sten)) == (True, False, True)
    assert events(app) == [(here_id, "others")]


@pytest.mark.parametrize("who", ["sten", "ada", "boris"])
def test_nobody_ends_somebody_elses_sign_in_here(request, alma, who):
    session_id, token = a_sign_in(alma)

    for one in (session_id, STRANGER_ID, "no id"):
        with pytest.raises(NotFoundError, match="no such sign-in"):
            own_account.end_session(one, by=request.getfixturevalue(who), at=now())

    assert works(token)
