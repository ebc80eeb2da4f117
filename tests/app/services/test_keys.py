"""Data keys: each clinic has its own, wrapped by a master key that the database does not know."""

import pytest
from flask import current_app
from sqlalchemy import select, update

from app.clock import now
from app.database import unit_of_work
from app.keyring import KEY_LENGTH, Keyring, KeyringError
from app.models import Clinic, DataKey, Patient
from app.models.sealed import DATA_KEYS, UnsealableError
from app.scope import INSTALLATION
from app.services import keys, patients
from tests.builders import a_patient
from tests.conftest import KEYRING
from tests.records import change, stored


@pytest.fixture(autouse=True)
def _our_own_keys():
    yield
    keys.install(KEYRING)


def another_keyring(**others):
    """The keys of the tests, with another key for a purpose, or with none of that number."""
    return Keyring({**KEYRING.keys, **others})


def wrapped():
    return stored(current_app, select(DataKey.__table__))


def test_each_clinic_has_a_data_key_of_its_own(alma, boris):
    with unit_of_work(alma.clinic_id):
        ours = DATA_KEYS.key(alma.clinic_id, 1)
    with unit_of_work(boris.clinic_id):
        theirs = DATA_KEYS.key(boris.clinic_id, 1)

    assert len(ours) == len(theirs) == KEY_LENGTH
    assert ours != theirs
    assert not [row for row in wrapped() if ours in row.wrapped or theirs in row.wrapped]


def test_a_lost_master_key_is_named(alma):
    keys.install(another_keyring(fields={2: b"2" * KEY_LENGTH}))

    with pytest.raises(KeyringError, match="no key 1 for fields"):
        patients.search(text="", page=1, by=alma, at=now())


@pytest.mark.parametrize("purpose", ["fields", "index"])
def test_another_key_file_is_refused_before_anything_is_read_or_written(alma, purpose):
    a_patient(alma)
    keys.install(another_keyring(**{purpose: {1: b"x" * KEY_LENGTH}}))

    with pytest.raises(KeyringError, match="Put the right key file back"):
        a_patient(alma)

    assert len(stored(current_app, select(Patient.id))) == 1


def test_a_data_key_of_another_clinic_does_not_open(alma, boris):
    by_clinic = {row.clinic_id: row.wrapped for row in wrapped()}
    change(
        current_app,
        update(DataKey).where(DataKey.clinic_id == alma.clinic_id).values(wrapped=by_clinic[boris.clinic_id]),
    )
    DATA_KEYS.forget()

    with pytest.raises(KeyringError):
        patients.search(text="", page=1, by=alma, at=now())


def test_a_clinic_that_was_never_added_leaves_no_key_behind():
    clinic = Clinic(name="Hillside", created_at=now())

    def add_and_fail():
        with unit_of_work(INSTALLATION) as session:
            session.add(clinic)
            session.flush()
            keys.first_key(session, clinic.id, at=now())
            assert DATA_KEYS.has(clinic.id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_fail()
    assert not DATA_KEYS.has(clinic.id)


def test_a_clinic_that_does_not_exist_is_not_remembered():
    with unit_of_work("00000000-0000-4000-8000-000000000000"):
        pass

    assert not DATA_KEYS.has("00000000-0000-4000-8000-000000000000")


def test_a_patient_that_was_moved_to_another_row_is_not_shown(alma):
    first, second = a_patient(alma, name="Maya Holm"), a_patient(alma, name="Zoe Ek")
    name = Patient.__table__.c.name
    moved = stored(current_app, select(name).where(Patient.id == first.id))[0][0]
    change(current_app, update(Patient.__table__).where(Patient.id == second.id).values(name=moved))

    with pytest.raises(UnsealableError):
        _ = patients.get(second.id, by=alma, at=now()).name
