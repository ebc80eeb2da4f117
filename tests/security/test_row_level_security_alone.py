"""On PostgreSQL the second wall stands even where the first was left out."""

from contextlib import suppress

import pytest
from sqlalchemy import event
from sqlalchemy.exc import SAWarning
from sqlalchemy.orm.exc import StaleDataError

from app.database import db, unit_of_work
from app.wall import _narrow, _refuse_foreign_rows, _refuse_unbound
from tests.databases import SERVER
from tests.security.changing_probes import CHANGING
from tests.security.probing import HELD, foreign, read_before, snapshot, two_clinics
from tests.security.reading_probes import READING

pytestmark = pytest.mark.skipif(not SERVER, reason="SQLite has no row-level security.")


@pytest.fixture
def neighbours(app_context, url, alma, boris):  # noqa: ARG001 - services need it
    return two_clinics(url, alma, boris)


@pytest.fixture
def _nothing_of_ours_between(app_context):  # noqa: ARG001 - the engine is the application's
    """Nothing between the services and PostgreSQL narrows or refuses anything."""
    guards = [
        (db.session, "do_orm_execute", _narrow),
        (db.session, "before_flush", _refuse_foreign_rows),
        (db.engine, "before_cursor_execute", _refuse_unbound),
    ]
    for guard in guards:
        event.remove(*guard)
    yield
    for guard in guards:
        event.listen(*guard)


@pytest.mark.asvs("8.4.1")
@pytest.mark.parametrize("name", READING | CHANGING)
@pytest.mark.usefixtures("_nothing_of_ours_between")
def test_postgresql_holds_every_probe_by_itself(app, neighbours, name):
    read_before(db.session(), neighbours.theirs)
    before = snapshot(app, neighbours.theirs.clinic_id)
    seen = []

    # What is changed and not found is an error or a warning of the ORM.
    with suppress(*HELD, StaleDataError, SAWarning), unit_of_work(neighbours.ours.clinic_id) as session:
        seen = (READING | CHANGING)[name](session, neighbours.theirs, neighbours.ours) or []

    assert foreign(seen, neighbours.theirs) == set()
    assert snapshot(app, neighbours.theirs.clinic_id) == before
