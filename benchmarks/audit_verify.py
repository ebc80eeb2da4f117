"""How many rows of the audit trail a second are verified, and how long one append takes. Goal: 1,000,000 rows in 30 s.

usage: python -m benchmarks.audit_verify [ROWS]
"""

import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from flask import Flask
from sqlalchemy import insert, select, update

from app import create_app
from app.clock import now
from app.config import ROOT, Config
from app.database import unit_of_work
from app.keyring import KEY_LENGTH, PURPOSES, Keyring
from app.models import Action, AuditEvent, AuditHead, Role, User
from app.models.base import new_id
from app.services import audit, audit_verify, keys, people
from app.services.audit_chain import Link, mac, text
from prescriptions.brand import Brand

GOAL_SECONDS = 30
GOAL_ROWS = 1_000_000
APPENDS = 200
AT_ONCE = 20_000


def application(folder: Path) -> Flask:
    """The service on a new database."""
    url = f"sqlite:///{folder / 'benchmark.db'}"
    migration = AlembicConfig(toml_file=ROOT / "pyproject.toml")
    migration.attributes["database_url"] = url
    command.upgrade(migration, "head")
    keyring = Keyring({purpose: {1: secrets.token_bytes(KEY_LENGTH)} for purpose in PURPOSES})
    secret = secrets.token_hex()
    return create_app(
        Config(secret_key=secret, database_url=url, keyring=keyring, audit_anchor=folder / "anchor.jsonl")
    )


def somebody() -> User:
    """A therapist of a clinic with a short trail."""
    clinic = people.add_clinic(brand=Brand(clinic_name="Benchmark Clinic"), at=now())
    password = secrets.token_hex()
    return people.add_user(
        clinic=clinic, email="one@clinic.example", name="One", roles=[Role.THERAPIST], password=password, at=now()
    )


def rows_after(link: Link, user: User, key: bytes, request: str) -> Iterator[dict[str, Any]]:
    """Views of records without end, chained."""
    at = now()
    while True:
        patient = new_id()
        row = {
            "id": new_id(),
            "clinic_id": user.clinic_id,
            "n": link.n + 1,
            "at": at + timedelta(milliseconds=link.n),
            "action": Action.PATIENT_VIEWED.value,
            "outcome": audit.DONE,
            "detail": None,
            "actor_id": user.id,
            "actor_roles": user.roles_text,
            "object_id": patient,
            "patient_id": patient,
            "request_id": request,
            "ip": "192.0.2.17",
            "agent_sha256": "0" * 64,
            "pack_version": None,
            "key_number": 1,
        }
        row["mac"] = mac(key, link.mac, text(row))
        link = Link(link.n + 1, row["mac"])
        yield row


def fill(user: User, number: int, key: bytes) -> None:
    """Lengthen the trail by ``number`` rows, quicker than the service would."""
    head = select(AuditHead.n, AuditHead.mac).where(AuditHead.clinic_id == user.clinic_id)
    with unit_of_work(user.clinic_id) as session:
        rows = rows_after(Link(*session.execute(head).one()), user, key, new_id())
    while number > 0:
        some = list(islice(rows, min(AT_ONCE, number)))
        number -= len(some)
        with unit_of_work(user.clinic_id) as session:
            session.connection().execute(insert(AuditEvent), some)
            end = update(AuditHead).where(AuditHead.clinic_id == user.clinic_id)
            session.connection().execute(end.values(n=some[-1]["n"], mac=some[-1]["mac"]))


def seconds_of_verifying() -> tuple[int, float, float]:
    """Rows, processor time and wall time; the other work of this machine counts for the second only."""
    owners = audit_verify.owners()
    cpu, wall = time.process_time(), time.perf_counter()
    (trail,) = audit_verify.check(owners, least=1, at=now())
    if trail.fault is not None:
        raise SystemExit(f"Row {trail.fault.n} {trail.fault.why}.")
    return trail.rows, time.process_time() - cpu, time.perf_counter() - wall


def milliseconds_of_an_append(user: User) -> float:
    """The median time of a commit with one event, synced to the disk."""
    taken = []
    for _ in range(APPENDS):
        began = time.perf_counter()
        with unit_of_work(user.clinic_id) as session:
            audit.record(session, Action.PATIENT_VIEWED, by=user, at=now(), object_id=user.id)
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)[APPENDS // 2]


def main() -> None:
    """Fill, append, verify, print."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else GOAL_ROWS
    with tempfile.TemporaryDirectory() as folder:
        app = application(Path(folder))
        with app.app_context():
            user = somebody()
            keyring = keys.keyring()
            fill(user, number, keyring.key("audit", 1))
            print(f"one append: median {milliseconds_of_an_append(user):.1f} ms, disk included")
            rows, cpu, wall = seconds_of_verifying()
    rate = rows / cpu
    print(
        f"{rows} rows verified in {cpu:.1f} s of processor time ({wall:.1f} s on the clock): {rate:.0f} rows a second"
    )
    needed = GOAL_ROWS / rate
    print(
        f"goal {GOAL_ROWS} rows in {GOAL_SECONDS} s: {'met' if needed <= GOAL_SECONDS else 'MISSED'} ({needed:.1f} s)"
    )


if __name__ == "__main__":
    main()
