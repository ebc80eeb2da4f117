"""What a token was made for: each row of the policy, with a token that lacks its scope, or that has no other."""

import pytest
from sqlalchemy import update

from app.clock import now
from app.errors import OutOfScopeError
from app.models import ApiToken, Role, User
from app.policy import POLICY, Scope, scopes_for
from tests.builders import STRANGER_ID, an_api_token
from tests.records import change

ROWS = [(endpoint, method) for endpoint, method in POLICY if endpoint.startswith("api.")]
ROLES = {"alma": Role.THERAPIST, "sten": Role.STAFF, "ada": Role.ADMINISTRATOR, "ines": Role.AUDITOR}


@pytest.fixture
def call(app):
    """Calls a route with a token; returns the answer."""

    def send(row, token):
        endpoint, method = row
        rule = next(one for one in app.url_map.iter_rules() if one.endpoint == endpoint and method in one.methods)
        path = app.url_map.bind("localhost").build(endpoint, dict.fromkeys(rule.arguments, STRANGER_ID), method)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "scopes-1"}
        return app.test_client().open(path, method=method, headers=headers, json={} if method == "POST" else None)

    return send


@pytest.fixture
def token_of(app):
    """Makes a token, whatever the scopes."""

    def make(user, scopes):
        with app.app_context():
            return an_api_token(user, scopes=scopes)

    return make


@pytest.fixture
def token(alma, token_of):
    """Alma's, for everything."""
    return token_of(alma, set(Scope))


def test_every_route_of_the_api_asks_for_a_scope_and_no_page_takes_one():
    without = {row for row, rule in POLICY.items() if row[0].startswith("api.") and rule.scope is None}
    pages = {row for row, rule in POLICY.items() if not row[0].startswith("api.") and rule.scope is not None}

    assert (without, pages) == (set(), set())


def test_every_scope_opens_something():
    assert {rule.scope for rule in POLICY.values()} - {None} == set(Scope)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[1]} {row[0]}")
def test_a_token_without_the_scope_is_refused_whatever_else_it_was_made_for(alma, call, token_of, row):
    answer = call(row, token_of(alma, set(Scope) - {POLICY[row].scope}))

    assert answer.status_code == 403
    assert answer.json["detail"] == str(OutOfScopeError())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[1]} {row[0]}")
def test_the_scope_alone_is_enough_for_a_role_that_has_the_right(alma, call, token_of, row):
    answer = call(row, token_of(alma, {POLICY[row].scope}))

    assert answer.status_code in {200, 404, 422}


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[1]} {row[0]}")
def test_no_scope_gives_a_right_that_the_role_has_not(request, call, token_of, row, who):
    answer = call(row, token_of(request.getfixturevalue(who), set(Scope)))

    assert (answer.status_code == 403) is (ROLES[who] not in POLICY[row].access)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[1]} {row[0]}")
@pytest.mark.parametrize(
    "ending",
    [
        update(ApiToken).values(revoked_at=now()),
        update(ApiToken).values(expires_at=now()),
        update(User).values(disabled_at=now()),
    ],
    ids=["revoked", "expired", "disabled"],
)
def test_a_token_that_has_ended_is_refused_at_the_next_request(app, call, token, row, ending):
    before = call(row, token).status_code

    change(app, ending)

    assert (before == 401, call(row, token).status_code) == (False, 401)


def test_somebody_of_two_roles_may_have_what_either_includes():
    both = scopes_for(frozenset({Role.ADMINISTRATOR, Role.THERAPIST}))

    assert set(both) == set(scopes_for(frozenset({Role.THERAPIST})))
