"""A database from before there were walls comes through 0002 to 0005 whole."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import LargeBinary, bindparam, text
from sqlalchemy.exc import DatabaseError

from app.models.triggers import missing_triggers
from tests.databases import empty_database, migrate, owners_engine

AT = datetime(2026, 11, 23, 8, 0, 0, 120, tzinfo=UTC)
PDF = bytes(range(256)) * 3
HASH = hashlib.sha256(PDF).hexdigest()
NAME = "Zoë Müller-Łęska 李"
DOCUMENT = '{"date":"2026-11-20","note":"\\u0000 \\ud800"}'
TRAIL = [
    # id, clinic, seconds, action, actor, object, patient: two of them at the same instant
    ("e3", "c1", 0, "program.issued", "u1", "i1", "p1"),
    ("e1", "c1", 0, "patient.added", "u1", "p1", "p1"),
    ("e2", "c2", 5, "session.started", "u3", None, None),
    ("e0", "c1", 9, "session.started", "u2", None, None),
]


def instant(dialect, at=AT):
    return at.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds") if dialect == "sqlite" else at


def insert(connection, table, **values):
    names = ", ".join(values)
    bound = ", ".join(f":{name}" for name in values)
    octets = [bindparam(name, type_=LargeBinary) for name, value in values.items() if isinstance(value, bytes)]
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({bound})").bindparams(*octets), values)  # noqa: S608 - our tables


def furnish(connection):
    at = instant(connection.dialect.name)
    clinic = {"phone": "", "address": "", "hours": "", "email": "", "paper": "a4", "time_zone": "UTC", "created_at": at}
    for id_, name, is_demonstration in (
        ("c1", "Riverside", False),
        ("c2", "Demonstration", True),
        ("c3", "New", False),
    ):
        insert(connection, "clinic", id=id_, name=name, is_demonstration=is_demonstration, **clinic)
    for id_, clinic_id, role in (("u1", "c1", "therapist"), ("u2", "c1", "administrator"), ("u3", "c2", "staff")):
        person = {"email": f"{id_}@clinic.example", "name": id_, "password_hash": "x", "created_at": at}
        insert(connection, "user_account", id=id_, clinic_id=clinic_id, role=role, **person)
        proof = {"user_id": id_, "clinic_id": clinic_id, "token_sha256": id_ * 32, "created_at": at, "expires_at": at}
        insert(connection, "auth_session", id=f"s{id_}", last_seen_at=at, **proof)
        insert(connection, "api_token", id=f"t{id_}", name="Script", **proof)
    furnish_the_patient(connection, at)
    furnish_the_program(connection, at)
    for id_, clinic_id, seconds, action, actor, object_id, patient_id in TRAIL:
        later = instant(connection.dialect.name, AT + timedelta(seconds=seconds))
        who = {"actor_id": actor, "actor_role": "therapist", "object_id": object_id, "patient_id": patient_id}
        insert(connection, "audit_event", id=id_, clinic_id=clinic_id, at=later, action=action, **who)


def furnish_the_patient(connection, at):
    patient = {"clinic_id": "c1", "revision": 1, "created_at": at, "updated_at": at, "sort_text": "zoe"}
    facts = {"name": NAME, "identifier": "MRN-1", "birth_date": "1984-03-09", "search_text": "zoe mrn-1"}
    insert(connection, "patient", id="p1", **facts, **patient)
    facts = {"name": "Maya", "identifier": None, "birth_date": None, "search_text": "maya"}
    insert(connection, "patient", id="p2", **facts, **patient)
    screening = {"patient_id": "p1", "date": "2026-11-20", "recorded_by_id": "u1", "recorded_at": at}
    insert(connection, "screening", id="a1", clinic_id="c1", document=DOCUMENT, **screening)


def furnish_the_program(connection, at):
    texts = {
        "program_json": '{"a":"é"}',
        "verdict_json": '{"b":1}',
        "handout_json": "{}",
        "pdf": PDF,
        "pdf_sha256": HASH,
    }
    pack = {"pack_id": "p", "pack_version": "1", "pack_digest": "d"}
    issue = {"number": "N-1", "patient_id": "p1", "issued_by_id": "u1", "issued_at": at, "request_sha256": "r"}
    program = {"clinic_id": "c1", "series_id": "i1"} | pack | issue | texts
    insert(connection, "issued_program", id="i1", version=1, supersedes_id=None, idempotency_key="k1", **program)
    insert(connection, "issued_program", id="i2", version=2, supersedes_id="i1", idempotency_key="k2", **program)
    taken = {"reason": "Wrong leg – sorry.", "withdrawn_by_id": "u1", "withdrawn_at": at}
    insert(connection, "withdrawal", id="w1", clinic_id="c1", program_id="i2", **taken)
    draft = {"patient_id": "p1", "document": DOCUMENT, "revision": 3, "created_at": at, "updated_at": at}
    insert(connection, "draft", id="d1", clinic_id="c1", supersedes_id="i2", updated_by_id="u1", **draft)


@pytest.fixture
def old(tmp_path, worker_id):
    """A database of the first version, with rows in every table."""
    for url in empty_database(tmp_path, f"holdwell_{worker_id}_old"):
        migrate(url, "0001")
        engine = owners_engine(url)
        with engine.begin() as connection:
            furnish(connection)
        engine.dispose()
        yield url


@pytest.fixture
def connection(old):
    """A raw look at that database after the migration."""
    migrate(old)
    engine = owners_engine(old)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def rows(connection, query):
    return [tuple(row) for row in connection.execute(text(query))]


def octets(connection, query):
    return [None if row[0] is None else bytes(row[0]) for row in connection.execute(text(query))]


def test_no_row_is_lost_but_the_sign_ins(connection):
    counted = {
        table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 - our tables
        for table in ("clinic", "user_account", "patient", "screening", "issued_program", "withdrawal", "draft")
    }

    assert counted == {
        "clinic": 3,
        "user_account": 3,
        "patient": 2,
        "screening": 1,
        "issued_program": 2,
        "withdrawal": 1,
        "draft": 1,
    }
    assert rows(connection, "SELECT id FROM auth_session UNION ALL SELECT id FROM api_token") == []


@pytest.mark.parametrize(
    ("query", "stored"),
    [
        ("SELECT name FROM patient WHERE id = 'p1'", NAME.encode()),
        ("SELECT identifier FROM patient WHERE id = 'p1'", b"MRN-1"),
        ("SELECT birth_date FROM patient WHERE id = 'p1'", b"1984-03-09"),
        ("SELECT document FROM screening", DOCUMENT.encode()),
        ("SELECT document FROM draft", DOCUMENT.encode()),
        ("SELECT program_json FROM issued_program WHERE id = 'i1'", '{"a":"é"}'.encode()),
        ("SELECT verdict_json FROM issued_program WHERE id = 'i1'", b'{"b":1}'),
        ("SELECT handout_json FROM issued_program WHERE id = 'i1'", b"{}"),
        ("SELECT pdf FROM issued_program WHERE id = 'i1'", PDF),
        ("SELECT pdf FROM issued_program WHERE id = 'i2'", PDF),
        ("SELECT reason FROM withdrawal", "Wrong leg – sorry.".encode()),
    ],
)
def test_an_old_value_is_kept_as_plain_octets(connection, query, stored):
    assert octets(connection, query) == [b"\x00" + stored]


def test_what_was_missing_stays_missing(connection):
    missing = rows(connection, "SELECT identifier, birth_date, identifier_index FROM patient WHERE id = 'p2'")

    assert missing == [(None, None, None)]
    assert rows(connection, "SELECT identifier_index FROM patient WHERE id = 'p1'") == [(None,)]


def test_people_stay_what_they_are(connection):
    assert rows(connection, "SELECT id, roles FROM user_account ORDER BY id") == [
        ("u1", "therapist"),
        ("u2", "administrator"),
        ("u3", "staff"),
    ]


def test_every_clinic_but_the_demonstration_asks_for_a_second_factor(connection):
    query = "SELECT id, requires_second_factor, restricts_access, sensitive, revision FROM clinic ORDER BY id"

    assert [(id_, bool(asks), bool(restricts), *rest) for id_, asks, restricts, *rest in rows(connection, query)] == [
        ("c1", True, False, "", 1),
        ("c2", False, False, "", 1),
        ("c3", True, False, "", 1),
    ]


def test_the_old_trail_is_numbered_by_clinic_and_time(connection):
    query = "SELECT clinic_id, n, id, actor_roles, outcome, key_number, mac FROM audit_event ORDER BY clinic_id, n"

    assert rows(connection, query) == [
        ("c1", 1, "e1", "therapist", "done", 0, ""),
        ("c1", 2, "e3", "therapist", "done", 0, ""),
        ("c1", 3, "e0", "therapist", "done", 0, ""),
        ("c2", 1, "e2", "therapist", "done", 0, ""),
    ]


def test_the_head_of_a_trail_vouches_for_its_old_rows(connection):
    at = ["2026-11-23T08:00:00.000120+00:00", "2026-11-23T08:00:09.000120+00:00"]
    told = [
        [1, at[0], "patient.added", "u1", "therapist", "p1", "p1"],
        [2, at[0], "program.issued", "u1", "therapist", "i1", "p1"],
        [3, at[1], "session.started", "u2", "therapist", None, None],
    ]
    text_of_all = "\n".join(json.dumps(line, separators=(",", ":")) for line in told)

    heads = {clinic: (n, mac) for clinic, n, mac in rows(connection, "SELECT clinic_id, n, mac FROM audit_head")}

    assert heads["c1"] == (3, hashlib.sha256(text_of_all.encode()).hexdigest())
    assert heads["c2"][0] == 1
    assert heads["c3"] == (0, "0" * 64)


def test_what_was_frozen_is_frozen_again(connection):
    assert missing_triggers(connection) == []
    with pytest.raises(DatabaseError, match="append-only"):
        connection.execute(text("UPDATE issued_program SET pdf = pdf"))
