"""A database from before there were keys: after ``flask migrate`` all of it is sealed, found and open to its people."""

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, bindparam, select, text

from app import create_app
from app.clock import now
from app.database import unit_of_work
from app.models import DataKey, Draft, IssuedProgram, Patient, Screening, SignInName, Withdrawal
from app.models.sealed import DATA_KEYS, PLAIN, UnsealableError, sealed_in
from app.models.sealed_tables import SEALED_TABLES
from app.models.triggers import missing_triggers
from app.services import integrity, people, upkeep
from tests.conftest import config_for, hang_up
from tests.databases import empty_database, migrate, owners_engine
from tests.records import column, stored
from tests.test_the_walls_migration import HASH, NAME, PDF, furnish


@pytest.fixture
def old(tmp_path, worker_id):
    """A database of the first version with rows in every table, after the new tables were made."""
    for url in empty_database(tmp_path, f"holdwell_{worker_id}_upkeep"):
        migrate(url, "0001")
        engine = owners_engine(url)
        with engine.begin() as connection:
            furnish(connection)
        engine.dispose()
        migrate(url)
        yield url


@pytest.fixture
def clinic(old, tmp_path):
    """The application on that database."""
    app = create_app(config_for(old, audit_anchor=tmp_path / "anchor.jsonl"))
    with app.app_context():
        yield app
        hang_up()


def row_of(model, row_id, clinic_id="c1"):
    with unit_of_work(clinic_id) as session:
        row = session.scalars(select(model).where(model.id == row_id)).one()
        for name in sealed_in(model):
            getattr(row, name)
        session.expunge_all()
    return row


def plain_values(app: Flask):
    for model in SEALED_TABLES:
        for name in sealed_in(model):
            kept = model.__table__.c[name.removeprefix("_")]
            yield from (kept for value in column(app, select(kept)) if value is not None and bytes(value)[0] == PLAIN)


def test_before_it_nothing_plain_is_read(clinic):
    assert len(list(plain_values(clinic))) > 10

    with pytest.raises(UnsealableError):
        _ = row_of(Patient, "p1").name


def test_after_it_everything_is_sealed_and_reads_as_it_was(clinic):
    assert upkeep.after_migration(at=now()) == []

    assert list(plain_values(clinic)) == []
    patient, program = row_of(Patient, "p1"), row_of(IssuedProgram, "i1")
    assert (patient.name, patient.identifier, patient.birth_date) == (NAME, "MRN-1", "1984-03-09")
    assert (program.program_json, program.verdict_json, program.handout_json) == ('{"a":"é"}', '{"b":1}', "{}")
    assert (program.pdf, program.pdf_sha256) == (PDF, HASH)
    assert row_of(Withdrawal, "w1").reason == "Wrong leg – sorry."
    assert row_of(Draft, "d1").document == row_of(Screening, "a1").document
    assert row_of(Screening, "a1").document["note"] == "\x00 \ud800"


@pytest.mark.usefixtures("clinic")
def test_after_it_what_is_frozen_is_frozen_and_sound(old):
    upkeep.after_migration(at=now())

    engine = owners_engine(old)
    with engine.connect() as connection:
        assert missing_triggers(connection) == []
    engine.dispose()
    assert list(integrity.problems()) == []


def test_after_it_each_clinic_has_its_key_and_everybody_finds_their_clinic(clinic):
    upkeep.after_migration(at=now())

    assert sorted(column(clinic, select(DataKey.clinic_id))) == ["c1", "c2", "c3"]
    assert {people.user_with_address(f"u{n}@clinic.example").id for n in (1, 2, 3)} == {"u1", "u2", "u3"}


def test_after_it_record_numbers_are_found_and_the_missing_stay_missing(clinic):
    upkeep.after_migration(at=now())

    indexes = dict(stored(clinic, select(Patient.id, Patient.identifier_index)))
    assert indexes["p1"] is not None
    assert indexes["p2"] is None


def test_called_again_it_changes_nothing(clinic):
    upkeep.after_migration(at=now())
    before = [stored(clinic, select(table)) for table in (DataKey.__table__, SignInName.__table__, Patient.__table__)]

    upkeep.after_migration(at=now())

    after = [stored(clinic, select(table)) for table in (DataKey.__table__, SignInName.__table__, Patient.__table__)]
    assert after == before


@pytest.mark.parametrize("step", range(1, 14, 2))
def test_killed_at_any_step_it_goes_on_when_called_again(clinic, monkeypatch, step):
    begun = []

    def killing(scope):
        begun.append(scope)
        if len(begun) > step:
            raise KeyboardInterrupt
        return unit_of_work(scope)

    monkeypatch.setattr(upkeep, "unit_of_work", killing)
    with pytest.raises(KeyboardInterrupt):
        upkeep.after_migration(at=now())
    monkeypatch.undo()
    DATA_KEYS.forget()

    upkeep.after_migration(at=now())

    assert list(plain_values(clinic)) == []
    assert row_of(Patient, "p1").name == NAME
    assert list(integrity.problems()) == []


def test_two_record_numbers_that_differ_in_capitals_only_are_named(clinic, old):
    engine = owners_engine(old)
    statement = text("UPDATE patient SET identifier = :octets WHERE id = 'p2'").bindparams(
        bindparam("octets", b"\x00mrn-1", type_=LargeBinary())
    )
    with engine.begin() as connection:
        connection.execute(statement)
    engine.dispose()

    (said,) = upkeep.after_migration(at=now())

    assert said.startswith("Patient p2 has a record number that another patient")
    assert row_of(Patient, "p2").identifier == "mrn-1"
    assert column(clinic, select(Patient.identifier_index).where(Patient.id == "p2")) == [None]
