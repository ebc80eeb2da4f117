"""Whatever a service might ask for, it reads and changes rows of its own clinic only.

Each probe is a statement that asks for a row of another clinic. First it is shown that the probe works: in the scope of
the whole installation it reads or changes that row. Then it is tried in the clinic next door, where being refused is as
good as finding nothing.
"""

from contextlib import suppress

import pytest

from app.database import db, unit_of_work
from app.scope import INSTALLATION, SIGN_IN, NoClinicError
from tests.security.changing_probes import CHANGING
from tests.security.probing import HELD, done, foreign, read_before, snapshot, two_clinics
from tests.security.reading_probes import READING


@pytest.fixture
def neighbours(app_context, url, alma, boris):  # noqa: ARG001 - services need it
    return two_clinics(url, alma, boris)


@pytest.mark.parametrize("name", READING)
def test_the_probe_reads_the_row_where_nothing_holds_it(neighbours, name):
    read_before(db.session(), neighbours.theirs)

    with unit_of_work(INSTALLATION) as session:
        seen = READING[name](session, neighbours.theirs, neighbours.ours)
        session.rollback()

    assert foreign(seen, neighbours.theirs)


@pytest.mark.parametrize("name", CHANGING)
def test_the_probe_changes_the_row_where_nothing_holds_it(app, neighbours, name):
    read_before(db.session(), neighbours.theirs)
    before = snapshot(app, neighbours.theirs.clinic_id)

    with unit_of_work(INSTALLATION) as session:
        CHANGING[name](session, neighbours.theirs, neighbours.ours)

    assert snapshot(app, neighbours.theirs.clinic_id) != before


@pytest.mark.asvs("8.4.1")
@pytest.mark.parametrize("name", READING)
def test_no_statement_reads_a_row_of_another_clinic(neighbours, name):
    read_before(db.session(), neighbours.theirs)
    seen = []

    with suppress(*HELD), unit_of_work(neighbours.ours.clinic_id) as session:
        seen = READING[name](session, neighbours.theirs, neighbours.ours)
        session.rollback()

    assert foreign(seen, neighbours.theirs) == set()


@pytest.mark.asvs("8.4.1")
@pytest.mark.parametrize("name", CHANGING)
def test_no_statement_changes_a_row_of_another_clinic(app, neighbours, name):
    read_before(db.session(), neighbours.theirs)
    before = snapshot(app, neighbours.theirs.clinic_id)

    with suppress(*HELD), unit_of_work(neighbours.ours.clinic_id) as session:
        CHANGING[name](session, neighbours.theirs, neighbours.ours)

    assert snapshot(app, neighbours.theirs.clinic_id) == before


@pytest.mark.parametrize("name", READING | CHANGING)
def test_without_a_clinic_every_statement_is_an_error(app, neighbours, name):
    session = db.session()
    read_before(session, neighbours.theirs)
    session.expunge_all()
    before = snapshot(app, neighbours.theirs.clinic_id)

    with pytest.raises(NoClinicError):
        done(session, (READING | CHANGING)[name], neighbours)
    session.rollback()

    assert snapshot(app, neighbours.theirs.clinic_id) == before


@pytest.mark.parametrize("name", READING)
def test_a_sign_in_reads_nothing_before_it_knows_the_clinic(neighbours, name):
    read_before(db.session(), neighbours.theirs)
    seen = []

    with suppress(*HELD), unit_of_work(SIGN_IN) as session:
        seen = READING[name](session, neighbours.theirs, neighbours.ours)
        session.rollback()

    assert foreign(seen, neighbours.theirs) == set()


def test_a_unit_of_work_finds_nothing_that_another_clinic_s_has_read(neighbours):
    read_before(db.session(), neighbours.theirs)

    with unit_of_work(neighbours.ours.clinic_id) as session:
        assert list(session.identity_map.values()) == []
