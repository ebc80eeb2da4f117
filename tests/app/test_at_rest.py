"""What lies on the disk: of what a patient told their clinic, and of what opens doors, not one word can be read."""

import base64
import os
import random
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import make_url

from app.clock import now
from app.database import unit_of_work
from app.errors import DamagedError
from app.models import AuditEvent, IdentityProvider, IssuedProgram, Patient, User, Withdrawal
from app.models.sealed import UnsealableError, sealed_in
from app.models.sealed_tables import SEALED_TABLES
from app.models.triggers import install_triggers, remove_triggers
from app.services import drafts, emergency, integrity, patients, programs
from app.services.patients import PatientFacts
from tests.builders import a_document, a_draft, a_key, a_screening, an_issued_program, an_item
from tests.builders_care import a_colleague, restrict, seal_names
from tests.databases import SERVER, owners_engine
from tests.records import change, column, stored

CANARIES = {
    "name": "Zzcanaryname",
    "record number": "ZZCANARY-4711",
    "birth date": "1931-07-19",
    "screening": "sensations",
    "draft note": "Zzcanarydraftnote",
    "program note": "Zzcanaryprogramnote",
    "acknowledgement": "Zzcanaryacknowledged since years",
    "withdrawal": "Zzcanarywithdrawn for good",
    "emergency": "Zzcanaryemergency at night",
    "second factor": "ZZCANARYTOTPSECRETZZ",
    "client secret": "Zzcanaryclientsecret",
}


@pytest.fixture
def program(app, alma):
    """A clinic that has a canary in every place where somebody types or something secret is kept."""
    with app.app_context():
        restrict(app, alma)
        alma = seal_names(alma, "name", "identifier")
        facts = PatientFacts(
            name=CANARIES["name"], identifier=CANARIES["record number"], birth_date=CANARIES["birth date"]
        )
        patient = patients.add(facts=facts, by=alma, at=now())
        a_screening(patient, alma)
        reasons = [{"code": "frequency-above-usual", "reason": CANARIES["acknowledgement"]}]
        document = a_document(an_item(note=CANARIES["program note"]), sessions_per_week="7", acknowledgements=reasons)
        draft = a_draft(patient, alma, document=document)
        issued = programs.issue(draft_id=draft.id, revision=draft.revision, idempotency_key=a_key(), by=alma, at=now())
        programs.withdraw(issued.id, reason=CANARIES["withdrawal"], by=alma, at=now())
        a_draft(patient, alma, document=a_document(an_item(note=CANARIES["draft note"])))
        emergency.open_record(patient.id, reason=CANARIES["emergency"], by=a_colleague(alma), at=now())
        keep_secrets(alma)
    return issued


def keep_secrets(by):
    with unit_of_work(by.clinic_id) as session:
        session.get(User, by.id).totp_secret = CANARIES["second factor"]
        provider = IdentityProvider(
            clinic_id=by.clinic_id, issuer="https://id.example", client_id="h", created_at=now()
        )
        provider.client_secret = CANARIES["client secret"]
        session.add(provider)


def disguises(canary):
    """How a text might stand in a file or a dump."""
    plain = canary.encode()
    yield from (plain, plain.lower(), plain.upper(), canary.encode("utf-16-le"), plain.hex().encode())
    yield from (base64.b64encode(b"-" * lead + plain)[4:-4] for lead in range(3))


def octets_at_rest(url):
    """All that somebody finds who takes the disk away, or a backup of it."""
    if not SERVER:
        path = Path(make_url(url).database)
        return b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
    # As the superuser: no wall stands before a backup of everything.
    server, database = make_url(SERVER), make_url(url).database
    command = ["pg_dump", "--host", server.query["host"], "--username", server.username, database]
    return subprocess.run(command, capture_output=True, check=True, env=os.environ).stdout  # noqa: S603 - fixed words


@pytest.mark.asvs("14.2.4")
@pytest.mark.usefixtures("program")
def test_no_octet_at_rest_tells_what_a_patient_or_a_secret_is_called(url):
    found = octets_at_rest(url)

    assert b"Riverside Physiotherapy" in found  # we do look at the right place
    leaks = {what for what, canary in CANARIES.items() for one in disguises(canary) if one in found}
    assert leaks == set()


def sealed_values(app):
    """Every sealed value that is stored: table, attribute, row, octets."""
    for model in SEALED_TABLES:
        for name in sealed_in(model):
            kept = model.__table__.c[name.removeprefix("_")]
            for row in stored(app, select(model.id, model.clinic_id, kept).where(kept.is_not(None))):
                yield model, name, row.id, row.clinic_id, bytes(row[2])


def opened(model, name, row_id, clinic_id, octets):
    """What the application makes of these octets in that place."""
    row = model(id=row_id, clinic_id=clinic_id)
    setattr(row, name, octets)
    return getattr(row, name.removeprefix("_"))


def test_a_flipped_bit_in_any_sealed_column_is_refused(app, alma, program):
    with app.app_context():
        integrity.clinic_ids()
        drafts.of_patient(program.patient_id, by=alma)
        values, chance = list(sealed_values(app)), random.Random(20261123)  # noqa: S311 - a test's own dice
        assert {(model, name) for model, name, *_ in values} == {
            (model, name) for model in SEALED_TABLES for name in sealed_in(model)
        }
        for value in values:
            opened(*value)
        for number in range(1000):
            *place, octets = values[number % len(values)]
            flipped, bit = bytearray(octets), chance.randrange(len(octets) * 8)
            flipped[bit // 8] ^= 1 << bit % 8
            with pytest.raises(UnsealableError):
                opened(*place, bytes(flipped))


def test_a_sealed_value_opens_in_no_other_row_column_or_clinic(app, alma, boris, program):
    with app.app_context():
        drafts.of_patient(program.patient_id, by=alma)
        patients.search(text="", page=1, by=boris, at=now())
        values = list(sealed_values(app))
        for model, name, row_id, clinic_id, octets in values:
            elsewhere = [
                (model, name, f"{row_id}x", clinic_id),
                (model, name, row_id, boris.clinic_id if clinic_id == alma.clinic_id else alma.clinic_id),
                *((model, other, row_id, clinic_id) for other in sealed_in(model) if other != name),
                *((other, "_name", row_id, clinic_id) for other in (Patient,) if (other, "_name") != (model, name)),
            ]
            for place in elsewhere:
                with pytest.raises(UnsealableError):
                    opened(*place, octets)


def frozen_change(app, statement):
    """As somebody who owns the database, has taken the triggers away, and puts them back."""
    engine = owners_engine(app.config["SQLALCHEMY_DATABASE_URI"])
    with engine.begin() as connection:
        for table in (IssuedProgram.__table__, Withdrawal.__table__):
            remove_triggers(connection, table)
        connection.execute(statement)
        install_triggers(connection)
    engine.dispose()


@pytest.fixture
def handed_out(app, alma):
    """A program of Alma's that is in use."""
    with app.app_context():
        return an_issued_program(alma)


def damage(app, program, name="pdf", octets=None):
    kept = IssuedProgram.__table__.c[name]
    before = bytes(column(app, select(kept).where(IssuedProgram.id == program.id))[0])
    after = octets if octets is not None else before[:-1] + bytes([before[-1] ^ 1])
    frozen_change(app, update(IssuedProgram.__table__).where(kept == before).values({name: after}))


@pytest.mark.parametrize("octets", [None, b"", b"\x00%PDF-1.7 forged", b"\x01"])
def test_a_handout_that_was_altered_is_not_handed_out_and_leaves_its_event(app, alma, handed_out, octets):
    damage(app, handed_out, octets=octets)

    with app.app_context():
        with pytest.raises(DamagedError):
            programs.pdf(handed_out.id, by=alma, at=now())
        found = list(integrity.problems())
    last = column(app, select(AuditEvent.action).where(AuditEvent.object_id == handed_out.id).order_by(AuditEvent.n))[
        -1
    ]
    assert last == "program.damaged"
    assert found == [f"The stored handout of {handed_out.number}, version 1, is not what was issued."]


@pytest.mark.parametrize("name", ["program_json", "verdict_json"])
@pytest.mark.parametrize("path", ["/programs/{}", "/api/v1/programs/{}"])
def test_a_program_whose_record_was_altered_is_not_shown(app, as_alma, handed_out, name, path):
    damage(app, handed_out, name)

    answer = as_alma.get(path.format(handed_out.id))

    assert answer.status_code == 500
    assert "altered or damaged" in answer.text


@pytest.mark.parametrize("name", ["program_json", "verdict_json", "handout_json", "pdf"])
def test_a_program_of_which_anything_was_altered_is_found(app, handed_out, name):
    damage(app, handed_out, name)

    with app.app_context():
        assert list(integrity.problems()) == [
            f"The stored handout of {handed_out.number}, version 1, is not what was issued."
        ]


def test_a_patient_whose_name_was_altered_is_said_to_be_damaged(app, as_alma, alma):
    with app.app_context():
        patient = patients.add(facts=PatientFacts(name="Maya Holm", identifier="M-42"), by=alma, at=now())
    table = Patient.__table__
    change(app, update(table).where(table.c.id == patient.id).values(name=b"\x00Somebody Else"))

    for path in (f"/patients/{patient.id}", "/patients", f"/api/v1/patients/{patient.id}"):
        answer = as_alma.get(path)
        assert answer.status_code == 500
        assert "altered or damaged" in answer.text
        assert "Somebody Else" not in answer.text
