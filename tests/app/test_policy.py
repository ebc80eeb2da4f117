"""The policy table: a row for each endpoint and method, and nothing else gets through."""

import pytest
from flask import Flask

from app.models import Role
from app.policy import POLICY, PUBLIC, SIGN_IN, access_to
from tests.builders import STRANGER_ID

OPEN_TO_EVERYBODY = {
    ("static", "GET"),
    (SIGN_IN, "GET"),
    (SIGN_IN, "POST"),
    ("pages.sign_out", "POST"),
    ("pages.provider_sign_in", "GET"),
    ("pages.leave_for_provider", "GET"),
    ("pages.back_from_provider", "GET"),
    ("pages.carry_on", "POST"),
    ("pages.invitation", "GET"),
    ("pages.invitation", "POST"),
    ("pages.join_by_provider", "GET"),
    ("pages.join_by_provider", "POST"),
    ("pages.forgot_password", "GET"),
    ("pages.forgot_password", "POST"),
    ("pages.reset_password", "GET"),
    ("pages.reset_password", "POST"),
}
"""Frozen: whoever opens another door says so here. Signing out must work for a session that has ended already, and a
one-time link is opened by the token in it."""

WRITES_PRESCRIPTIONS = {("api.issue_program", "POST"), ("api.withdraw_program", "POST")}


def calls(app: Flask):
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule, method


def path_of(app: Flask, rule):
    """The rule's address with ids that are nobody's."""
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, STRANGER_ID))


def test_every_endpoint_and_method_has_a_row(app):
    missing = {(rule.endpoint, method) for rule, method in calls(app)} - POLICY.keys()

    assert missing == set()


def test_every_row_has_its_endpoint(app):
    assert POLICY.keys() - {(rule.endpoint, method) for rule, method in calls(app)} == set()


@pytest.mark.asvs("8.2.1", "8.3.1")
def test_what_has_no_row_is_for_nobody():
    assert access_to("pages.forgotten", "GET") == frozenset()


def test_a_get_gives_no_right_to_post():
    assert access_to("api.catalogue", "POST") == frozenset()


@pytest.mark.asvs("6.1.3", "6.3.4")
def test_the_doors_that_are_open_to_everybody_are_few():
    public = {row for row, rule in POLICY.items() if rule.access is PUBLIC}

    assert public == OPEN_TO_EVERYBODY


def test_only_therapists_prescribe():
    for row in WRITES_PRESCRIPTIONS:
        assert POLICY[row].access == frozenset({Role.THERAPIST})


@pytest.mark.asvs("8.2.1", "8.3.1")
def test_without_a_sign_in_nothing_else_is_to_be_had(app, anonymous):
    answers = {}
    for rule, method in calls(app):
        if POLICY[rule.endpoint, method].access is not PUBLIC:
            answer = anonymous.open(path_of(app, rule), method=method)
            answers[rule.endpoint, method] = answer.status_code

    assert {row: status for row, status in answers.items() if status not in {303, 401}} == {}


ROLES = {"as_alma": Role.THERAPIST, "as_sten": Role.STAFF, "as_ada": Role.ADMINISTRATOR, "as_ines": Role.AUDITOR}


@pytest.mark.asvs("8.2.1", "8.3.1")
@pytest.mark.parametrize("who", ROLES)
def test_a_role_without_the_right_is_refused(app, request, who):
    browser = request.getfixturevalue(who)
    role = {"as_alma": Role.THERAPIST, "as_sten": Role.STAFF, "as_ada": Role.ADMINISTRATOR, "as_ines": Role.AUDITOR}[
        who
    ]
    answers = {}
    for rule, method in calls(app):
        access = POLICY[rule.endpoint, method].access
        if access is not PUBLIC and role not in access:
            answers[rule.endpoint, method] = browser.open(path_of(app, rule), method=method).status_code

    assert answers
    assert {row: status for row, status in answers.items() if status != 403} == {}
