"""Every route that the policy declares an event for leaves it, once, for each role; and does nothing where it can't.

The routes come from the application itself. A route that is new has to be called here, or to be declared as one that
touches no patient.
"""

import pytest
from sqlalchemy import select, text

from app.models import AuditEvent, Base, Role
from app.policy import POLICY, Public
from tests.builders import (
    a_patient,
)
from tests.conftest import signed_in, somebody
from tests.records import change, stored
from tests.security.calling import BORN, CANARY, NOTE, NUMBER, PREPARED, World, sent

CAST = {Role.THERAPIST: "alma", Role.STAFF: "sten", Role.ADMINISTRATOR: "ada", Role.AUDITOR: "ines"}

TOUCH_NO_PATIENT = {
    ("static", "GET"),
    ("pages.home", "GET"),
    ("pages.sign_in", "GET"),
    ("pages.sign_in", "POST"),
    ("pages.sign_out", "POST"),
    ("pages.second_factor", "GET"),
    ("pages.second_factor", "POST"),
    ("pages.second_factor_passkey", "POST"),
    ("pages.provider_sign_in", "GET"),
    ("pages.leave_for_provider", "GET"),
    ("pages.back_from_provider", "GET"),
    ("pages.carry_on", "POST"),
    ("pages.join_by_provider", "GET"),
    ("pages.connect_provider", "GET"),
    ("pages.invitation", "GET"),
    ("pages.reset_password", "GET"),
    ("pages.forgot_password", "GET"),
    ("pages.forgot_password", "POST"),
    ("pages.prove", "GET"),
    ("pages.prove", "POST"),
    ("pages.prove_passkey", "POST"),
    ("pages.change_password", "GET"),
    ("pages.enrol_totp", "GET"),
    ("pages.enrol_totp", "POST"),
    ("pages.recovery_codes", "GET"),
    ("pages.add_passkey", "GET"),
    ("pages.passkey_options", "POST"),
    ("pages.passkey_challenge", "POST"),
    ("pages.session", "GET"),
    ("pages.stay", "POST"),
    ("pages.account", "GET"),
    ("pages.add_token", "GET"),
    ("pages.patients", "POST"),
    ("pages.history", "POST"),
    ("pages.audit", "POST"),
    ("pages.add_patient", "GET"),
    ("pages.invite_person", "GET"),
    ("pages.clinic", "GET"),
    ("pages.edit_clinic", "GET"),
    ("pages.clinic_policies", "GET"),
    ("pages.logo", "GET"),
    ("pages.change_logo", "GET"),
    ("pages.provider", "GET"),
    ("pages.catalogue", "GET"),
    ("pages.sources", "GET"),
    ("pages.exercise", "GET"),
    ("pages.picture", "GET"),
    ("pages.movement", "GET"),
    ("api.openapi", "GET"),
    ("api.check_program", "POST"),
    ("api.catalogue", "GET"),
    ("api.exercise", "GET"),
}
"""Frozen: who adds a route without an event says here that it shows and changes nothing of a patient."""

CALLED_ELSEWHERE = {
    ("pages.invitation", "POST"): "tests/app/pages/test_links.py",
    ("pages.reset_password", "POST"): "tests/app/pages/test_links.py",
    ("pages.remove_totp", "POST"): "tests/app/pages/test_sign_in.py",
    ("pages.add_passkey", "POST"): "tests/app/pages/test_passkeys.py",
    ("pages.remove_passkey", "POST"): "tests/app/pages/test_passkeys.py",
    ("pages.change_logo", "POST"): "tests/app/pages/test_logo.py",
    ("pages.remove_logo", "POST"): "tests/app/pages/test_logo.py",
    ("pages.join_by_provider", "POST"): "tests/app/pages/test_provider_connections.py",
    ("pages.connect_provider", "POST"): "tests/app/pages/test_provider_connections.py",
    ("pages.disconnect_provider", "POST"): "tests/app/pages/test_provider_connections.py",
    ("pages.provider", "POST"): "tests/app/pages/test_provider.py",
    ("pages.remove_provider", "POST"): "tests/app/pages/test_provider.py",
}
"""What needs an authenticator, an upload or another server, and touches no patient: where it is called."""


DECLARED = {row: rule for row, rule in POLICY.items() if rule.event is not None}
CASES = [
    pytest.param(*row, role, id=f"{row[1]} {row[0]} {role}")
    for row, rule in DECLARED.items()
    if row not in CALLED_ELSEWHERE and not isinstance(rule.access, Public)
    for role in sorted(rule.access)
]

FAIL_ON_SQLITE = (
    "CREATE TRIGGER audit_event_fails BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
)
FAIL_ON_POSTGRESQL = (
    """
    CREATE FUNCTION audit_event_fails() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$
    """,
    "CREATE TRIGGER audit_event_fails BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_event_fails()",
)


def is_postgresql(app):
    return app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql")


def break_the_trail(app):
    change(app, *(text(one) for one in (FAIL_ON_POSTGRESQL if is_postgresql(app) else FAIL_ON_SQLITE)))


def mend_the_trail(app):
    change(app, text(f"DROP TRIGGER audit_event_fails{' ON audit_event' if is_postgresql(app) else ''}"))


def everything(app):
    """What is stored, but for the counting of requests and the moment a session or token was last used."""
    passing = {"last_seen_at", "last_used_at"}
    tables = [table for table in Base.metadata.sorted_tables if table.name != "rate_counter"]
    return {
        table.name: stored(
            app,
            select(*(column for column in table.columns if column.name not in passing)).order_by(*table.primary_key),
        )
        for table in tables
    }


def ids_of(app):
    tables = [table for table in Base.metadata.sorted_tables if "id" in table.columns and table.name != "audit_event"]
    return {row[0] for table in tables for row in stored(app, select(table.columns.id))}


def events(app):
    return stored(app, select(AuditEvent.__table__).order_by(AuditEvent.n))


def is_success(answer):
    return 200 <= answer.status_code < 300 or answer.status_code == 303


def test_every_route_declares_an_event_or_touches_no_patient():
    assert {row for row, rule in POLICY.items() if rule.event is None} == TOUCH_NO_PATIENT


def test_what_is_called_elsewhere_is_called_there():
    assert CALLED_ELSEWHERE.keys() <= DECLARED.keys()


@pytest.mark.asvs("16.2.1", "16.5.3")
@pytest.mark.parametrize(("endpoint", "method", "role"), CASES)
def test_a_call_leaves_its_event_once_or_does_nothing(app, endpoint, method, role):
    by = somebody(app, CAST[role])
    browser = signed_in(app, by)
    with app.app_context():
        world = World(app, by, browser)
        given, options = PREPARED.get((endpoint, method), sent())(world)
        path = world.path(endpoint, **given)
    before, earlier, ids = everything(app), events(app), ids_of(app)

    break_the_trail(app)
    refused = browser.open(path, method=method, **options)
    refused.close()
    assert not is_success(refused), refused.text
    assert everything(app) == before
    mend_the_trail(app)

    answer = browser.open(path, method=method, **options)
    answer.get_data()
    answer.close()
    assert is_success(answer), answer.text
    seen = {row.id for row in earlier}
    (left,) = [row for row in events(app) if row.id not in seen]
    assert (left.action, left.outcome, left.actor_id) == (DECLARED[endpoint, method].event.value, "done", by.id)
    assert left.request_id
    assert left.ip == "127.0.0.1"
    assert {left.object_id, left.patient_id} - {None} <= ids | ids_of(app)
    assert [word for word in (CANARY, NUMBER, "CANARY-0078", BORN, NOTE) for value in left if word in str(value)] == []


def test_a_success_that_left_no_event_is_no_answer(app, as_alma, alma):
    with app.app_context():
        patient = a_patient(alma, name=CANARY)
    app.view_functions["pages.patient"] = lambda patient_id: f"{CANARY} {patient_id}"

    answer = as_alma.get(f"/patients/{patient.id}")

    assert answer.status_code == 500
    assert CANARY not in answer.text
    assert answer.headers["Content-Security-Policy"]


def test_an_event_of_another_kind_is_not_enough(app, as_alma, alma):
    with app.app_context():
        patient = a_patient(alma, name=CANARY)
    app.view_functions["pages.patient"] = lambda **_: app.view_functions["pages.patients"]()

    assert as_alma.get(f"/patients/{patient.id}").status_code == 500


@pytest.mark.asvs("16.3.2")
@pytest.mark.parametrize("path", ["/patients/{}", "/api/v1/patients/{}"])
def test_asking_for_another_clinics_patient_is_recorded_as_refused(app, alma, as_boris, boris, path):
    with app.app_context():
        patient = a_patient(alma)

    assert as_boris.get(path.format(patient.id)).status_code == 404

    mine = [row for row in events(app) if row.actor_id == boris.id][-1]
    assert (mine.action, mine.outcome, mine.object_id) == ("access.refused", "refused", patient.id)
    assert mine.clinic_id == boris.clinic_id
    assert mine.patient_id is None


@pytest.mark.asvs("16.3.2")
def test_what_a_role_does_not_include_is_recorded_as_refused(app, as_sten, sten):
    as_sten.get("/audit")

    mine = [row for row in events(app) if row.actor_id == sten.id][-1]
    assert (mine.action, mine.outcome, mine.detail) == ("access.refused", "refused", "403 pages.audit")


def test_a_page_that_never_was_is_not_recorded(app, as_alma):
    before = events(app)

    as_alma.get("/catalogue/no-such-exercise")
    as_alma.get("/api/v1/catalogue/no-such-exercise")
    as_alma.get("/nowhere")

    assert events(app) == before
