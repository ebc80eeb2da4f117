"""Seven ways to falsify the trail behind the service's back, fifty times each: every one is found, and where it begins.

Whoever falsifies can write whatever they like into the database, without a trigger in the way. They lack the audit key,
and the anchor's file.
"""

import hashlib
import hmac
import random
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, text

from app.clock import now
from app.database import unit_of_work
from app.models import Action, AuditEvent, AuditHead
from app.models.base import new_id
from app.services import audit, audit_chain, audit_verify, people
from tests.records import change, stored

EVENT, HEAD = AuditEvent.__table__, AuditHead.__table__
ROWS, TIMES = 40, 50


@pytest.fixture
def trail(app, alma):
    """Riverside's trail, as it was written, without its triggers."""
    with app.app_context():
        for number in range(ROWS):
            with unit_of_work(alma.clinic_id) as session:
                patient = new_id()
                at = now() + timedelta(seconds=number)
                audit.record(session, Action.PATIENT_VIEWED, by=alma, at=at, object_id=patient, patient_id=patient)
    is_postgresql = app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql")
    drops = [f"DROP TRIGGER audit_event_no_{act}" for act in ("update", "delete", "replace")]
    if is_postgresql:
        drops = ["ALTER TABLE audit_event DISABLE TRIGGER USER"]
    change(app, *(text(one) for one in drops))
    names = [column.name for column in EVENT.c]
    query = select(EVENT).where(EVENT.c.clinic_id == alma.clinic_id).order_by(EVENT.c.n)
    return [dict(zip(names, row, strict=True)) for row in stored(app, query)]


@pytest.fixture
def put(app, alma):
    """Puts these rows in the place of the trail, and its end to the last of them."""

    def write(rows):
        rows = sorted(rows, key=lambda row: row["n"])
        mine = EVENT.c.clinic_id == alma.clinic_id
        end = {"n": rows[-1]["n"], "mac": rows[-1]["mac"]}
        change(
            app,
            delete(EVENT).where(mine),
            insert(EVENT).values(rows),
            HEAD.update().where(HEAD.c.clinic_id == alma.clinic_id).values(end),
        )

    return write


@pytest.fixture
def first_bad(app):
    """What the verifier says is the first bad row of Riverside's trail."""

    def check(*, later=timedelta(0)):
        with app.app_context():
            owner = audit_verify.owners(people.clinics_named("Riverside Physiotherapy")[0].id)
            trail = next(audit_verify.check(owner, least=1, at=now() + later))
        return None if trail.fault is None else trail.fault.n

    return check


def edited(rows, chance):
    row = chance.choice(rows)
    name = chance.choice(["actor_id", "action", "patient_id", "object_id", "outcome", "detail", "ip", "mac", "at"])
    row[name] = row["at"] - timedelta(days=1) if name == "at" else hashlib.sha256(chance.randbytes(4)).hexdigest()[:10]
    return rows, row["n"]


def deleted(rows, chance):
    row = chance.choice(rows[:-1])
    return [one for one in rows if one is not row], row["n"]


def swapped(rows, chance):
    one, other = sorted(chance.sample(rows, 2), key=lambda row: row["n"])
    one["n"], other["n"] = other["n"], one["n"]
    return rows, other["n"]


def duplicated(rows, chance):
    again = dict(chance.choice(rows)) | {"id": new_id(), "n": len(rows) + 1}
    return [*rows, again], again["n"]


def truncated(rows, chance):
    kept = chance.randrange(1, len(rows))
    return rows[:kept], kept + 1


def deleted_and_renumbered(rows, chance):
    place = chance.randrange(len(rows) - 1)
    del rows[place]
    for row in rows[place:]:
        row["n"] -= 1
    return rows, place + 1


def rewritten_without_the_key(rows, chance):
    place = chance.randrange(len(rows))
    rows[place]["actor_id"] = new_id()
    previous = rows[place - 1]["mac"] if place else audit_chain.START
    for row in rows[place:]:
        told = previous + audit_chain.text(row)
        previous = row["mac"] = hmac.digest(b"a guess".ljust(32, b"."), told.encode(), "sha256").hex()
    return rows, place + 1


WAYS = (edited, deleted, swapped, duplicated, truncated, deleted_and_renumbered, rewritten_without_the_key)


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_was_falsified_is_found_and_the_first_bad_row_is_named(trail, put, first_bad, way):
    chance, wrong = random.Random(way.__name__), []  # noqa: S311 - the same falsifications in every run

    assert first_bad() is None
    for _ in range(TIMES):
        rows, bad = way([dict(row) for row in trail], chance)
        put(rows)
        if (found := first_bad()) != bad:
            wrong.append((bad, found))

    assert wrong == []
    put(trail)
    assert first_bad() is None


def test_a_trail_made_to_look_as_old_as_if_there_were_no_chain_is_found(trail, put, first_bad):
    rows = [dict(row) | {"key_number": 0, "mac": "", "request_id": None} for row in trail]

    put(rows)

    assert first_bad() is not None


def test_a_trail_is_not_sound_without_its_anchor(tmp_path, trail, put, first_bad):
    (tmp_path / "audit-anchor.jsonl").unlink()

    put(trail[:20])

    assert first_bad(later=timedelta(minutes=2)) == 1
