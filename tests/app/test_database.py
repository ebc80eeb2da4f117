"""Transactions: whole or not at all, and on SQLite as durable as SQLite can be."""

import threading
import time
from datetime import datetime

import pytest
from flask import current_app
from sqlalchemy import create_engine, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError, StatementError

from app.database import engine_options, set_up, unit_of_work
from app.models import Clinic, Patient
from app.models.base import Instant
from app.scope import INSTALLATION
from tests.builders import a_patient
from tests.records import column, count


@pytest.fixture
def file(tmp_path):
    """A SQLite database set up as the service's own."""
    url = f"sqlite:///{tmp_path / 'durable.db'}"
    engine = create_engine(url, **engine_options(url))
    set_up(engine)
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("name", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("recursive_triggers", 1)]
)
def test_every_connection_is_set_up_to_lose_nothing(file, name, value):
    with file.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() == value


def test_whoever_waits_for_a_writer_waits_five_seconds_at_least(file):
    with file.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() >= 5000


def add_ten(connection):
    connection.exec_driver_sql("UPDATE counter SET n = n + 10")
    connection.commit()


def test_a_transaction_begins_as_the_writer_it_may_become(file):
    with file.connect() as first, file.connect() as second:
        first.exec_driver_sql("CREATE TABLE counter (n INTEGER)")
        first.exec_driver_sql("INSERT INTO counter VALUES (0)")
        first.commit()
        first.exec_driver_sql("SELECT n FROM counter")
        waiting = threading.Thread(target=add_ten, args=(second,))
        waiting.start()
        time.sleep(0.2)
        first.exec_driver_sql("UPDATE counter SET n = n + 1")
        first.commit()
        waiting.join()

        assert second.exec_driver_sql("SELECT n FROM counter").scalar_one() == 11


@pytest.mark.asvs("2.3.3")
@pytest.mark.usefixtures("app_context")
def test_a_unit_of_work_that_fails_leaves_nothing(alma):
    def rename_and_fail():
        with unit_of_work(alma.clinic_id) as session:
            session.get_one(Clinic, alma.clinic_id).name = "Changed"
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rename_and_fail()

    assert count(current_app, Clinic, Clinic.name == "Changed") == 0


@pytest.mark.usefixtures("app_context")
def test_units_of_work_do_not_nest():
    with pytest.raises(RuntimeError), unit_of_work("a"), unit_of_work("a"):
        pass


@pytest.mark.usefixtures("app_context")
def test_a_row_cannot_belong_to_a_foreign_patient(alma, boris):
    patient = a_patient(alma)

    with pytest.raises(IntegrityError), unit_of_work(INSTALLATION) as session:
        session.execute(
            text(
                "INSERT INTO screening (id, clinic_id, patient_id, date, document, recorded_by_id, recorded_at) "
                "VALUES ('s', :clinic, :patient, '2026-11-20', '{}', :by, '2026-11-20 10:00:00')"
            ),
            {"clinic": boris.clinic_id, "patient": patient.id, "by": boris.id},
        )


@pytest.mark.asvs("16.2.2")
@pytest.mark.usefixtures("app_context")
def test_instants_come_back_in_utc(alma):
    a_patient(alma)

    assert column(current_app, select(Patient.created_at))[0].utcoffset().total_seconds() == 0


@pytest.mark.asvs("16.2.2")
def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        Instant().process_bind_param(datetime(2026, 11, 23), sqlite.dialect())  # noqa: DTZ001 - the point


@pytest.mark.usefixtures("app_context")
def test_an_error_message_of_the_database_holds_no_patient(alma):
    with pytest.raises(StatementError) as failure, unit_of_work(alma.clinic_id) as session:
        session.execute(text("INSERT INTO nowhere VALUES (:name)"), {"name": "Maya Holm"})

    assert "Maya" not in str(failure.value)
