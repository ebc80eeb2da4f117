"""The policy table: a row for each endpoint and method, and nothing else gets through."""

import pytest
from flask import Flask

from app.models import Action, Role
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

PRESCRIBES = {
    Action.SCREENING_VIEWED,
    Action.SCREENING_RECORDED,
    Action.DRAFT_STARTED,
    Action.DRAFT_VIEWED,
    Action.DRAFT_SAVED,
    Action.DRAFT_DISCARDED,
    Action.PROGRAM_ISSUED,
    Action.PROGRAM_WITHDRAWN,
    Action.EMERGENCY_OFFERED,
    Action.EMERGENCY_OPENED,
}
"""What belongs to prescribing. Whatever leaves such an event is a therapist's alone."""
OF_A_PATIENT = PRESCRIBES | {
    Action.PATIENTS_SEARCHED,
    Action.PATIENT_VIEWED,
    Action.PATIENT_ADDED,
    Action.PATIENT_EDITED,
    Action.TEAM_JOINED,
    Action.TEAM_LEFT,
    Action.PROGRAM_VIEWED,
    Action.PROGRAM_DOWNLOADED,
    Action.PROGRAMS_SEARCHED,
    Action.HISTORY_EXPORTED,
}
"""What shows or changes something of a patient."""
ONES_OWN = {
    "second_factor",
    "second_factor_passkey",
    "passkey_challenge",
    "passkey_options",
    "prove",
    "prove_passkey",
    "stay",
    "change_password",
    "enrol_totp",
    "remove_totp",
    "recovery_codes",
    "add_passkey",
    "remove_passkey",
    "end_session",
    "end_other_sessions",
    "add_token",
    "revoke_token",
    "connect_provider",
    "disconnect_provider",
}
"""Pages on which everybody changes what they sign in with, and nothing else."""
SEARCHES = {"pages.patients", "pages.history", "pages.audit", "api.search_patients", "api.search_programs"}
"""Posted for no other reason than to keep their words out of addresses."""


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
    prescribing = {row: rule.access for row, rule in POLICY.items() if rule.event in PRESCRIBES}

    assert {rule.event for rule in POLICY.values()} >= PRESCRIBES
    assert {row for row, access in prescribing.items() if access != frozenset({Role.THERAPIST})} == set()


def test_who_only_administers_reaches_nothing_of_a_patient():
    of_a_patient = {row: rule.access for row, rule in POLICY.items() if rule.event in OF_A_PATIENT}

    assert {row for row, access in of_a_patient.items() if access is PUBLIC or Role.ADMINISTRATOR in access} == set()


def test_an_auditor_changes_nothing_but_what_they_sign_in_with():
    changing = {row for row, rule in POLICY.items() if row[1] != "GET" and rule.access is not PUBLIC}

    assert {endpoint for endpoint, method in changing if Role.AUDITOR in POLICY[endpoint, method].access} == {
        "api.check_program",  # it keeps nothing of what it is given
        *SEARCHES,
        *(f"pages.{name}" for name in ONES_OWN),
    }


def test_only_an_administrator_changes_people_and_settings():
    changes = {
        Action.USER_INVITED,
        Action.USER_EDITED,
        Action.USER_DISABLED,
        Action.USER_ENABLED,
        Action.INVITATION_WITHDRAWN,
        Action.PASSWORD_RESET_ASKED,
        Action.SECOND_FACTOR_RESET,
        Action.CLINIC_EDITED,
        Action.LOGO_CHANGED,
        Action.PROVIDER_CHANGED,
        Action.EMERGENCY_REVIEWED,
    }
    rows = {row: rule.access for row, rule in POLICY.items() if rule.event in changes}

    assert {rule.event for rule in POLICY.values()} >= changes
    assert {row for row, access in rows.items() if access != frozenset({Role.ADMINISTRATOR})} == set()


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
    role, answers = ROLES[who], {}
    for rule, method in calls(app):
        access = POLICY[rule.endpoint, method].access
        if access is not PUBLIC and role not in access:
            answers[rule.endpoint, method] = browser.open(path_of(app, rule), method=method).status_code

    assert answers
    assert {row: status for row, status in answers.items() if status != 403} == {}
