"""API tokens: made with few rights, shown once, and dead when they have to be."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.clock import now
from app.errors import ConflictError, InvalidError, NotFoundError
from app.models import ApiToken, AuditEvent, User
from app.services import api_tokens, sessions
from app.services.tokens import clinic_of
from tests.builders import STRANGER_ID
from tests.records import change, stored

ALLOWED = ("catalogue:read", "patients:read")


def a_token(user, *, at=None, **changes):
    facts = {"name": "Booking system", "scopes": ["patients:read"], "allowed": ALLOWED, "days": 30}
    return api_tokens.add(**(facts | changes), by=user, at=at or now())


def listed(user, at=None):
    return api_tokens.of_user(user, at=at or now())


def events(app, action):
    query = select(AuditEvent.object_id).where(AuditEvent.action == action)
    return [row[0] for row in stored(app, query)]


def test_a_token_is_known_by_its_beginning_and_kept_as_a_hash(app, alma):
    token = a_token(alma)

    kept = " ".join(str(value) for value in stored(app, select(ApiToken.__table__))[0])
    assert token.startswith("hw_")
    assert clinic_of(token) == alma.clinic_id
    assert token not in kept
    assert token.rpartition(".")[2] not in kept
    assert events(app, "token.added") == [listed(alma)[0].id]


def test_a_token_acts_as_its_user_within_its_scopes(alma):
    identity = sessions.identify_token(a_token(alma, scopes=ALLOWED), at=now())

    assert (identity.user.id, identity.scopes) == (alma.id, frozenset(ALLOWED))


def test_a_token_counts_nothing_as_fresh_and_has_no_session(alma):
    identity = sessions.identify_token(a_token(alma), at=now())

    assert identity.session is None
    assert identity.is_fresh(now()) is False


def test_the_list_says_when_a_token_was_last_used(alma):
    token = a_token(alma)
    before = listed(alma)[0].last_used_at
    at = now()
    sessions.identify_token(token, at=at)

    assert (before, listed(alma)[0].last_used_at) == (None, at)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x"}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["programs:write"]}, "scopes"),
        ({"scopes": ["patients:read", "everything"]}, "scopes"),
        ({"days": 0}, "days"),
        ({"days": 367}, "days"),
    ],
    ids=str,
)
def test_a_token_is_refused_by_the_field_that_is_wrong(alma, changes, field):
    with pytest.raises(InvalidError) as refused:
        a_token(alma, **changes)

    assert list(refused.value.errors) == [field]
    assert listed(alma) == []


@pytest.mark.parametrize(("days", "name"), [(1, "xy"), (366, "x" * 120)])
def test_the_ends_of_what_is_allowed_are_allowed(alma, days, name):
    a_token(alma, days=days, name=name)

    assert listed(alma)[0].expires_at - listed(alma)[0].created_at == timedelta(days=days)


def test_a_revoked_token_is_dead_at_once_and_leaves_the_list(app, alma):
    token = a_token(alma)
    token_id = listed(alma)[0].id

    api_tokens.revoke(token_id, by=alma, at=now())
    with pytest.raises(NotFoundError):
        api_tokens.revoke(token_id, by=alma, at=now())

    assert sessions.identify_token(token, at=now()) is None
    assert listed(alma) == []
    assert events(app, "token.revoked") == [token_id]


def test_an_expired_token_is_dead_and_leaves_the_list(alma):
    at = now()
    token = a_token(alma, days=1, at=at)
    end = at + timedelta(days=1)

    assert sessions.identify_token(token, at=end - timedelta(seconds=1)) is not None
    assert sessions.identify_token(token, at=end) is None
    assert listed(alma, at=end) == []


def test_a_token_is_dead_when_its_user_is_disabled(app, alma):
    token = a_token(alma)
    change(app, update(User).where(User.id == alma.id).values(disabled_at=now()))

    assert sessions.identify_token(token, at=now()) is None


@pytest.mark.parametrize("who", ["sten", "ada", "boris"])
def test_nobody_revokes_somebody_elses_token(request, alma, who):
    token, other = a_token(alma), request.getfixturevalue(who)

    for token_id in (listed(alma)[0].id, STRANGER_ID, "no id"):
        with pytest.raises(NotFoundError, match="no such token"):
            api_tokens.revoke(token_id, by=other, at=now())

    assert sessions.identify_token(token, at=now()) is not None


def test_ones_own_tokens_are_listed_newest_first_and_nobody_elses(alma, sten, boris):
    for user in (sten, boris):
        a_token(user, name="Theirs")
    a_token(alma, name="Older", at=now() - timedelta(days=2))
    a_token(alma, name="Newer")

    assert [one.name for one in listed(alma)] == ["Newer", "Older"]


@pytest.mark.asvs("2.3.2")
def test_fifty_tokens_are_enough_for_anybody(alma):
    for _ in range(api_tokens.MOST):
        a_token(alma)

    with pytest.raises(ConflictError, match="You have 50 tokens"):
        a_token(alma)
