"""The commands about the audit trail: what they find, what they print, and that they print ids alone."""

import csv
import io
import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from app.clock import now
from app.models import AuditEvent, Clinic
from app.services import patients
from tests.builders import a_patient
from tests.records import change, stored


@pytest.fixture
def run(app):
    """Runs a command; what it printed comes back with its exit code."""

    def command(*arguments):
        result = app.test_cli_runner().invoke(args=["audit", *arguments])
        return result.exit_code, result.output

    return command


@pytest.fixture
def patient(app, alma):
    """A patient whom Alma has added and looked at twice."""
    with app.app_context():
        patient = a_patient(alma, name="Canary Finch", identifier="CANARY-1")
        for _ in range(2):
            patients.get(patient.id, by=alma, at=now())
        return patient


@pytest.fixture
def anchored(run, patient):
    """Every trail is anchored, with what happened to a patient in Riverside's."""
    assert patient.id
    return run("anchor")


def events(app, clinic_id):
    return stored(app, select(AuditEvent.__table__).where(AuditEvent.clinic_id == clinic_id).order_by(AuditEvent.n))


def alter(app, n, clinic_id):
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        change(app, text("ALTER TABLE audit_event DISABLE TRIGGER USER"))
    else:
        change(app, text("DROP TRIGGER audit_event_no_update"))
    row = AuditEvent.__table__.update().where(AuditEvent.clinic_id == clinic_id, AuditEvent.n == n)
    change(app, row.values(actor_id="somebody else"))


def test_the_trails_are_anchored_on_request(anchored):
    assert anchored == (0, "Anchored the trails of 2 clinics.\n")


@pytest.mark.usefixtures("anchored")
def test_sound_trails_are_verified(app, alma, boris, run):
    code, said = run("verify")

    assert code == 0
    assert said.splitlines() == [
        f"Lakeside Rehabilitation: {len(events(app, boris.clinic_id))} rows are what was written.",
        f"Riverside Physiotherapy: {len(events(app, alma.clinic_id))} rows are what was written.",
    ]


@pytest.mark.usefixtures("anchored")
def test_the_first_bad_row_of_a_trail_is_named(app, alma, run):
    alter(app, 3, alma.clinic_id)

    code, said = run("verify", "--clinic", "Riverside Physiotherapy")

    assert (code, said) == (1, "Riverside Physiotherapy: row 3 was altered.\n")


@pytest.mark.usefixtures("anchored")
def test_of_two_clinics_with_one_name_no_trail_is_taken_for_the_other(app, alma, boris, run):
    change(app, update(Clinic).values(name="Riverside Physiotherapy"))
    alter(app, 3, alma.clinic_id)

    code, said = run("verify")

    assert run("verify", "--clinic", "Riverside Physiotherapy")[0] == 1
    assert run("verify", "--clinic", boris.clinic_id)[0] == 0
    assert (code, f"Riverside Physiotherapy ({alma.clinic_id}): row 3 was altered." in said) == (1, True)


@pytest.mark.usefixtures("anchored")
def test_a_trail_is_verified_from_a_number_on(app, alma, run):
    alter(app, 3, alma.clinic_id)

    assert run("verify", "--from", "4", "--clinic", "Riverside Physiotherapy")[0] == 0
    assert run("verify", "--from", "3", "--clinic", "Riverside Physiotherapy")[0] == 1


@pytest.mark.usefixtures("anchored")
def test_a_trail_can_not_be_verified_from_beyond_its_end(run):
    code, said = run("verify", "--from", "1000", "--clinic", "Riverside Physiotherapy")

    assert (code, said) == (1, "Riverside Physiotherapy: row 999 is missing.\n")


@pytest.mark.usefixtures("anchored")
def test_a_line_of_the_anchor_that_says_nothing_is_told(tmp_path, run):
    path = tmp_path / "audit-anchor.jsonl"
    number = len(path.read_text().splitlines()) + 1
    with path.open("a") as file:
        file.write("{\n")

    code, said = run("verify")

    assert code == 1
    assert f"Line {number} of the anchor's file can't be read." in said


@pytest.mark.usefixtures("anchored")
def test_a_cut_that_only_the_anchor_knows_of_is_found(tmp_path, alma, run):
    later = {"clinic_id": alma.clinic_id, "n": 1000, "mac": "a" * 64, "at": now().isoformat()}
    with (tmp_path / "audit-anchor.jsonl").open("a") as file:
        file.write(json.dumps(later) + "\n")

    code, said = run("verify", "--clinic", "Riverside Physiotherapy")

    assert code == 1
    assert "is missing" in said


def test_a_clinic_that_is_not_there_is_said_so(run):
    assert run("verify", "--clinic", "Hillside") == (1, "Error: There is no clinic named 'Hillside'.\n")


def period():
    """Yesterday to tomorrow: days of a clinic may be ahead or behind."""
    days = [(now() + timedelta(days=away)).date().isoformat() for away in (-1, 1)]
    return ["--from", days[0], "--to", days[1]]


def table(said):
    return list(csv.DictReader(io.StringIO(said.removeprefix("\ufeff"))))


@pytest.mark.parametrize("field", ["when", "action", "person", "outcome", "patient", "object", "ip"])
def test_a_period_is_reported_sorted_by_any_field(app, alma, patient, run, field):
    code, said = run("report", *period(), "--by", field, "--clinic", "Riverside Physiotherapy")

    rows = table(said)
    column = {"when": "number"}.get(field, field)
    values = [int(row[column]) if column == "number" else row[column] for row in rows]
    assert code == 0
    assert len(rows) == len(events(app, alma.clinic_id))
    assert values == sorted(values)
    assert patient.id in {row["patient"] for row in rows}


def test_a_period_is_counted_by_a_field(app, alma, patient, run):
    code, said = run("report", *period(), "--by", "patient", "--count", "--clinic", "Riverside Physiotherapy")

    counted = {row["patient"]: row["events"] for row in table(said)}
    concerned = [event for event in events(app, alma.clinic_id) if event.patient_id == patient.id]
    assert (code, counted[patient.id]) == (0, str(len(concerned)))


@pytest.mark.usefixtures("patient")
def test_another_period_has_nothing_to_report(run):
    code, said = run("report", "--from", "2020-01-01", "--to", "2020-01-31")

    assert (code, table(said)) == (0, [])


@pytest.mark.usefixtures("patient")
def test_a_report_names_no_patient(run):
    said = run("report", *period())[1] + run("report", *period(), "--count", "--by", "patient")[1]

    assert "Canary" not in said
    assert "CANARY" not in said
