"""Sessions end when they should, and nothing that somebody sends prolongs them."""

from datetime import timedelta

import pytest

from app.clock import now
from app.database import unit_of_work
from app.errors import NotFoundError
from app.models import ApiToken, AuditEvent, User
from app.services import accounts, sessions
from app.services.tokens import clinic_of
from tests.builders import a_sign_in, an_api_token
from tests.conftest import PASSWORD
from tests.records import change, column

MINUTE = timedelta(minutes=1)
USERS, TOKENS, EVENTS = User.__table__, ApiToken.__table__, AuditEvent.__table__


@pytest.fixture
def begun():
    """When Alma signed in."""
    return now()


@pytest.fixture
def token(alma, begun):
    """Alma's session."""
    return a_sign_in(alma, browser="Firefox on Windows", at=begun)


def disable(app, user):
    change(app, USERS.update().where(USERS.c.id == user.id).values(disabled_at=now()))


def use(token, at):
    """What a request does that is let in."""
    found = accounts.identify(token, at=at)
    if found is not None:
        sessions.note_use(found.session, at=at)
    return found


@pytest.mark.asvs("7.3.1")
def test_a_session_ends_after_a_quarter_of_an_hour_without_use(token, begun):
    assert accounts.identify(token, at=begun + 15 * MINUTE) is None


def test_use_keeps_a_session_alive(token, begun):
    assert all(use(token, begun + minutes * MINUTE) for minutes in (10, 20, 30))


def test_asking_how_long_it_lasts_is_no_use(token, begun):
    found = [accounts.identify(token, at=begun + n * MINUTE) for n in range(0, 16, 3)]

    left = [sessions.seconds_left(one.session, at=begun + n * 3 * MINUTE) for n, one in enumerate(found[:-1])]
    assert (left, found[-1]) == ([900, 720, 540, 360, 180], None)


@pytest.mark.asvs("7.3.2")
def test_a_session_ends_after_twelve_hours_however_busy(token, begun):
    seen = [use(token, begun + minutes * MINUTE) is not None for minutes in range(0, 730, 10)]

    assert seen == [True] * 72 + [False]


def test_half_a_session_lasts_a_quarter_of_an_hour_however_busy(begun):
    half = accounts.sign_in(email="alma@clinic.example", password=PASSWORD, at=begun).token

    seen = [use(half, begun + minutes * MINUTE) is not None for minutes in (5, 10, 14, 15)]

    assert seen == [True, True, True, False]


def test_a_clock_that_was_set_back_prolongs_nothing(token, begun):
    assert accounts.identify(token, at=begun - timedelta(days=1)) is None
    assert accounts.identify(token, at=begun - timedelta(seconds=2)) is not None
    assert accounts.identify(token, at=begun + 16 * MINUTE) is None


def test_a_proof_from_the_future_is_not_fresh(token, begun):
    found = accounts.identify(token, at=begun)

    fresh = [found.is_fresh(begun + minutes * MINUTE) for minutes in (-2, 0, 9, 10)]

    assert fresh == [False, True, True, False]


def test_signing_out_ends_the_session_at_once(token, begun):
    accounts.sign_out(token, at=begun)

    assert accounts.identify(token, at=begun) is None


def test_disabling_somebody_ends_their_sessions_and_tokens_at_once(app, alma, token):
    api_token = an_api_token(alma)
    disable(app, alma)

    assert accounts.identify(token, at=now()) is None
    assert accounts.identify_token(api_token, at=now()) is None


def test_a_session_that_ran_out_is_known_from_one_that_was_ended(alma, token, begun):
    ended = a_sign_in(alma, at=begun)
    accounts.sign_out(ended, at=begun)

    assert accounts.ran_out_on(token) == alma.id
    assert accounts.ran_out_on(ended) is None
    assert accounts.ran_out_on("nonsense") is None


@pytest.mark.usefixtures("token")
def test_the_list_shows_what_has_not_ended(alma, sten, begun):
    accounts.sign_out(a_sign_in(alma, at=begun), at=begun)
    a_sign_in(sten, at=begun)
    a_sign_in(alma, at=begun - timedelta(hours=1))

    assert [one.browser for one in accounts.sessions_of(alma, at=begun)] == ["Firefox on Windows"]


def test_one_session_can_be_ended_by_its_owner_and_by_an_administrator(app, alma, ada, token, begun):
    first, second = (accounts.identify(a_sign_in(alma, at=begun), at=begun).session.id for _ in range(2))
    accounts.revoke_session(first, by=alma, at=begun)
    accounts.revoke_session(second, by=ada, at=begun)
    accounts.revoke_session(second, by=ada, at=begun)

    assert len(accounts.sessions_of(alma, at=begun)) == 1
    query = EVENTS.select().with_only_columns(EVENTS.c.object_id).where(EVENTS.c.action == "session.revoked")
    assert set(column(app, query)) == {first, second}
    assert accounts.identify(token, at=begun)


@pytest.mark.parametrize("who", ["sten", "boris", "bea"])
def test_nobody_else_ends_it_nor_learns_that_it_is(request, token, begun, who):
    by = request.getfixturevalue(who)
    session_id = accounts.identify(token, at=begun).session.id

    with pytest.raises(NotFoundError):
        accounts.revoke_session(session_id, by=by, at=begun)
    with pytest.raises(NotFoundError):
        accounts.revoke_session("nonsense", by=by, at=begun)
    assert accounts.identify(token, at=begun)


def test_all_but_one_can_be_ended(alma, sten, token, begun):
    others = [a_sign_in(one, at=begun) for one in (alma, sten)]
    here = accounts.identify(token, at=begun).session.id
    with unit_of_work(alma.clinic_id) as session:
        accounts.revoke_all(session, alma, at=begun, but=here)

    assert [accounts.identify(one, at=begun) is not None for one in (token, *others)] == [True, False, True]


def test_a_token_that_names_another_clinic_is_nobodys(alma, boris, token, begun):
    forged = token.replace(alma.clinic_id, boris.clinic_id)

    assert clinic_of(forged) == boris.clinic_id
    assert accounts.identify(forged, at=begun) is None


@pytest.mark.parametrize("token", ["", "hw_", "x" * 10_000, "\x00", "\ud800", "hw_a.b", "0" * 36 + "." + "x" * 43])
def test_a_made_up_token_is_nobodys(token):
    assert accounts.identify_token(token, at=now()) is None
    assert accounts.identify(token, at=now()) is None
    accounts.sign_out(token, at=now())


def test_an_api_token_is_no_session_and_a_session_no_api_token(alma, token):
    assert accounts.identify_token(token, at=now()) is None
    assert accounts.identify(an_api_token(alma), at=now()) is None


def test_a_token_acts_as_its_user_within_its_scopes_until_it_expires(alma):
    found = accounts.identify_token(an_api_token(alma, scopes=["patients:read"]), at=now())

    assert (found.user.id, found.scopes, found.session) == (alma.id, {"patients:read"}, None)
    assert not found.is_fresh(now())
    assert accounts.identify_token(an_api_token(alma, days=1), at=now() + timedelta(days=1)) is None


def test_a_revoked_token_is_dead_at_once(app, alma):
    token = an_api_token(alma)
    change(app, TOKENS.update().values(revoked_at=now()))

    assert accounts.identify_token(token, at=now()) is None
