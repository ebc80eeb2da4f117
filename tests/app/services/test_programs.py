"""Issued programs: read, handed out byte for byte, withdrawn; never another clinic's."""

import hashlib

import pytest
from flask import current_app
from sqlalchemy import select

from app.clock import now
from app.errors import ConflictError, DamagedError, InvalidError, NotFoundError
from app.models import AuditEvent, IssuedProgram, Withdrawal
from app.models.sealed import seal
from app.services import integrity, programs
from tests.builders import an_issued_program
from tests.records import change_frozen, column, count

REASON = "Printed for the wrong leg."


def withdraw(program, by, reason=REASON):
    return programs.withdraw(program.id, reason=reason, by=by, at=now())


def actions_on(program):
    query = select(AuditEvent.action).where(AuditEvent.object_id == program.id).order_by(AuditEvent.n)
    return column(current_app, query)


def flip_a_bit(program):
    """As a failing disk would, past every trigger."""
    table = IssuedProgram.__table__
    damaged = bytearray(column(current_app, select(table.c.pdf).where(table.c.id == program.id))[0])
    damaged[len(damaged) // 2] ^= 1
    change_frozen(current_app, table.update().where(table.c.id == program.id).values(pdf=bytes(damaged)))


def seal_another(program):
    """As somebody with the database and its keys would: it opens, and is not what was issued."""
    place = f"{IssuedProgram.__tablename__}.pdf:{program.id}"
    sealed = seal(b"%PDF-1.7 of somebody else's making", clinic_id=program.clinic_id, bound_to=place)
    table = IssuedProgram.__table__
    change_frozen(current_app, table.update().where(table.c.id == program.id).values(pdf=sealed))


DAMAGE = pytest.mark.parametrize("damage", [flip_a_bit, seal_another])


def test_a_download_is_what_was_issued_and_leaves_a_trace(alma, sten):
    program = an_issued_program(alma)

    pdf = programs.pdf(program.id, by=sten, at=now())

    assert hashlib.sha256(pdf.content).hexdigest() == program.pdf_sha256
    assert pdf.filename == f"{program.number}-v1.pdf"
    assert actions_on(program) == ["program.issued", "program.downloaded"]


@pytest.mark.asvs("11.4.3")
@DAMAGE
def test_a_damaged_handout_is_not_handed_out(alma, sten, damage):
    program = an_issued_program(alma)
    damage(program)

    with pytest.raises(DamagedError, match=program.number):
        programs.pdf(program.id, by=sten, at=now())
    assert actions_on(program) == ["program.issued", "program.damaged"]


@DAMAGE
def test_a_damaged_handout_is_named_when_the_store_is_verified(alma, damage):
    sound, damaged = an_issued_program(alma), an_issued_program(alma)
    damage(damaged)

    found = list(integrity.problems())

    assert found == [f"The stored handout of {damaged.number}, version 1, is not what was issued."]
    assert sound.number not in str(found)


def test_looking_at_a_program_leaves_a_trace(alma, sten):
    program = an_issued_program(alma)
    programs.get(program.id, by=sten, at=now())

    assert actions_on(program) == ["program.issued", "program.viewed"]


def test_a_withdrawn_program_says_so_and_stays(alma):
    program = an_issued_program(alma)
    withdraw(program, alma)

    seen = programs.get(program.id, by=alma, at=now())

    assert (seen.status, seen.withdrawal.reason, seen.withdrawal.withdrawn_by.name) == (
        "withdrawn",
        REASON,
        "Alma Reyes",
    )


@pytest.mark.parametrize("reason", ["", "too short", "x" * 501, "A reason with \u202e in it"])
def test_a_withdrawal_needs_a_reason(alma, reason):
    program = an_issued_program(alma)

    with pytest.raises(InvalidError):
        withdraw(program, alma, reason)


@pytest.mark.asvs("2.3.1")
def test_a_program_is_withdrawn_once(alma):
    program = an_issued_program(alma)
    withdraw(program, alma)

    with pytest.raises(ConflictError):
        withdraw(program, alma)
    assert count(current_app, Withdrawal) == 1


@pytest.mark.asvs("2.3.1")
def test_a_superseded_version_is_not_withdrawn(alma):
    first = an_issued_program(alma)
    an_issued_program(alma, patient=first.patient, from_program=first.id)

    with pytest.raises(ConflictError):
        withdraw(first, alma)


def test_a_withdrawn_program_can_have_a_next_version(alma):
    first = an_issued_program(alma)
    withdraw(first, alma)
    second = an_issued_program(alma, patient=first.patient, from_program=first.id)

    statuses = [program.status for program in programs.versions(second, by=alma)]

    assert statuses == ["current", "withdrawn"]


def test_a_foreign_program_is_not_found(alma, boris):
    program = an_issued_program(alma)

    for act in (
        lambda: programs.get(program.id, by=boris, at=now()),
        lambda: programs.pdf(program.id, by=boris, at=now()),
        lambda: withdraw(program, boris),
    ):
        with pytest.raises(NotFoundError):
            act()
    assert programs.versions(program, by=boris) == []
