"""New keys for what is stored: everything opens before, amid and after; and nothing that is frozen is touched."""

import base64

import pytest
from flask import current_app
from sqlalchemy import select, update

from app import keyring
from app.clock import now
from app.keyring import Keyring, KeyringError
from app.models import AuditEvent, DataKey, IssuedProgram, Patient, Withdrawal
from app.models.sealed import DATA_KEYS, UnsealableError, sealed_in
from app.models.sealed_tables import CHANGEABLE
from app.services import drafts, keys, patients, programs, renewal, screenings
from tests.builders import a_draft, a_patient, a_screened_patient, an_issued_program
from tests.conftest import KEYRING
from tests.records import change, stored

FROZEN_COLUMNS = [IssuedProgram.__table__.c[name] for name in ("program_json", "verdict_json", "handout_json", "pdf")]


@pytest.fixture
def newer(tmp_path):
    """The operator has added a second master key for fields; returns the file."""
    path = tmp_path / "keys"
    lines = [f"{purpose} 1 {base64.b64encode(numbered[1]).decode()}\n" for purpose, numbered in KEYRING.keys.items()]
    path.write_text("".join(lines))
    path.chmod(0o600)
    keyring.add(path, "fields")
    keys.install(keyring.read(path))
    yield path
    keys.install(KEYRING)


def without_first_key(path):
    """The file when the old line was taken out."""
    lines = [line for line in path.read_text().splitlines() if not line.startswith("fields 1 ")]
    path.write_text("\n".join(lines) + "\n")
    return keyring.read(path)


def numbers(table, name):
    """Under which data keys a column is."""
    found = stored(current_app, select(table.c[name]))
    return {int.from_bytes(bytes(row[0])[1:5], "big") for row in found if row[0] is not None}


@pytest.fixture
def program(alma):
    """A program that was taken back, for a patient who has a draft as well."""
    program = an_issued_program(alma, patient=a_screened_patient(alma, name="Maya Holm", identifier="M-42"))
    programs.withdraw(program.id, reason="The wrong leg was treated.", by=alma, at=now())
    a_draft(program.patient, alma)
    return program


def read_everything(program, by):
    """What the clinic reads of a patient, sealed columns all over."""
    patient = patients.get(program.patient_id, by=by, at=now())
    issued = programs.get(program.id, by=by, at=now())
    draft = drafts.of_patient(patient.id, by=by)
    screening = screenings.latest(patient.id, by=by)
    return (
        (patient.name, patient.identifier, patient.birth_date),
        (issued.program_json, issued.verdict_json, issued.handout_json, issued.withdrawal.reason),
        programs.pdf(program.id, by=by, at=now()).content,
        (draft.document, screening.document),
    )


@pytest.mark.asvs("11.2.2")
def test_after_renewing_everything_reads_as_before_and_the_old_master_key_is_not_needed(alma, program, newer):
    before = read_everything(program, alma)

    done = renewal.renew(at=now())
    keys.install(without_first_key(newer))

    assert (done.clinics, done.damaged) == (2, ())
    assert read_everything(program, alma) == before
    assert renewal.needed().fields == {2: 4}


def test_renewed_again_every_data_key_goes_along(alma, program, newer):
    before = read_everything(program, alma)
    renewal.renew(at=now())
    keyring.add(newer, "fields")
    keys.install(keyring.read(newer))

    renewal.renew(at=now())

    assert renewal.needed().fields == {3: 6}
    assert read_everything(program, alma) == before


@pytest.mark.usefixtures("program", "newer")
def test_what_may_change_is_under_the_new_key_and_what_is_frozen_keeps_its_octets():
    frozen = stored(current_app, select(*FROZEN_COLUMNS)), stored(current_app, select(Withdrawal.__table__))

    renewal.renew(at=now())

    assert (stored(current_app, select(*FROZEN_COLUMNS)), stored(current_app, select(Withdrawal.__table__))) == frozen
    assert numbers(Patient.__table__, "name") == numbers(Patient.__table__, "birth_date") == {2}
    assert {number for model in CHANGEABLE for row in _heads(model) for number in row} == {2}
    assert renewal.needed().stale == 0


def _heads(model):
    for name in sealed_in(model):
        yield numbers(model.__table__, name.removeprefix("_"))


@pytest.mark.usefixtures("newer")
def test_renewing_leaves_one_event_in_each_clinics_trail():
    renewal.renew(at=now())
    renewal.renew(at=now())

    query = select(AuditEvent.clinic_id, AuditEvent.actor_id).where(AuditEvent.action == "clinic.keys_renewed")
    found = stored(current_app, query)
    assert len({row.clinic_id for row in found}) == len(found) == 2
    assert {row.actor_id for row in found} == {"operator"}


@pytest.mark.usefixtures("program")
def test_without_a_newer_master_key_nothing_changes():
    before = stored(current_app, select(Patient.__table__)), stored(current_app, select(DataKey.__table__))

    assert renewal.renew(at=now()) == renewal.Renewal(0, 0, ())

    assert (stored(current_app, select(Patient.__table__)), stored(current_app, select(DataKey.__table__))) == before


@pytest.mark.parametrize("step", range(12))
def test_killed_at_any_step_everything_reads_as_before_and_the_next_call_goes_on(
    alma, program, newer, monkeypatch, step
):
    before, commits = read_everything(program, alma), []
    unit_of_work = renewal.unit_of_work

    def killing(scope):
        commits.append(scope)
        if len(commits) > step:
            raise KeyboardInterrupt
        return unit_of_work(scope)

    monkeypatch.setattr(renewal, "unit_of_work", killing)
    with pytest.raises(KeyboardInterrupt):
        renewal.renew(at=now())
    monkeypatch.undo()

    assert read_everything(program, alma) == before
    renewal.renew(at=now())
    keys.install(without_first_key(newer))
    assert read_everything(program, alma) == before
    assert (renewal.needed().fields, renewal.needed().stale) == ({2: 4}, 0)


def test_a_service_that_runs_beside_it_reads_and_writes_on(alma, program, newer):
    before = read_everything(program, alma)
    known_to_the_service = {1: DATA_KEYS.key(alma.clinic_id, 1)}
    renewal.renew(at=now())

    keys.install(Keyring(KEYRING.keys, newer))  # it has read the key file long ago, and knows the first data key only
    DATA_KEYS.remember(alma.clinic_id, known_to_the_service)
    added = a_patient(alma, name="Zoe Ek")

    assert read_everything(program, alma) == before
    assert patients.get(added.id, by=alma, at=now()).name == "Zoe Ek"


@pytest.mark.usefixtures("newer")
def test_what_a_service_wrote_meanwhile_is_renewed_by_the_next_call(alma):
    patients.search(text="", page=1, by=alma, at=now())
    known = {1: DATA_KEYS.key(alma.clinic_id, 1)}
    renewal.renew(at=now())
    DATA_KEYS.remember(alma.clinic_id, known)
    a_patient(alma)

    assert renewal.needed().stale == 1
    assert renewal.renew(at=now()).rows == 1
    assert renewal.needed().stale == 0


@pytest.mark.usefixtures("newer")
def test_more_rows_than_are_sealed_at_once_are_all_sealed(alma, monkeypatch):
    monkeypatch.setattr(renewal, "AT_ONCE", 2)
    for _ in range(5):
        a_patient(alma)

    renewal.renew(at=now())

    assert numbers(Patient.__table__, "name") == {2}


@pytest.mark.usefixtures("newer")
def test_a_damaged_row_is_named_and_stops_nothing(alma):
    damaged, sound = a_patient(alma), a_patient(alma)
    change(current_app, update(Patient.__table__).where(Patient.id == damaged.id).values(name=b"\x01" + bytes(40)))

    done = renewal.renew(at=now())

    assert done.damaged == (f"patient {damaged.id}",)
    assert patients.get(sound.id, by=alma, at=now()).name == "Maya Holm"
    with pytest.raises(UnsealableError):
        _ = patients.get(damaged.id, by=alma, at=now()).name


@pytest.mark.usefixtures("program")
def test_renewing_without_the_old_key_is_refused_and_changes_nothing(newer):
    keys.install(without_first_key(newer))
    before = stored(current_app, select(DataKey.__table__))

    with pytest.raises(KeyringError, match="no key 1 for fields"):
        renewal.renew(at=now())

    assert stored(current_app, select(DataKey.__table__)) == before


@pytest.mark.usefixtures("program", "newer")
def test_an_audit_key_that_rows_of_the_trail_rest_on_is_missed():
    keys.install(Keyring({**KEYRING.keys, "audit": {2: bytes(32)}}))

    with pytest.raises(KeyringError, match="no key 1 for audit"):
        renewal.needed()
