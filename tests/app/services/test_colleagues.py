"""The list of people: everybody of the clinic, nobody else, and how things stand with them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clock import now
from app.errors import NotFoundError
from app.models import AuditEvent, Role
from app.services import colleagues, invitations, rights
from app.services.colleagues import State
from tests.builders import a_sign_in, an_api_token
from tests.records import column


def invite(by):
    return invitations.invite(
        email="nils@clinic.example", name="nils Berg", roles=[Role.STAFF], clinic=by.clinic, by=by, at=now()
    )


def test_everybody_of_the_clinic_is_listed_by_name_and_nobody_else(ada):
    invite(ada)

    found = colleagues.find(page=1, by=ada, at=now())

    names = [person.user.name for person in found.items]
    assert names == ["Ada Brook", "Alma Reyes", "Ines Faro", "nils Berg", "Sten Dahl"]
    assert found.total == 5


def test_a_page_beyond_the_end_is_empty(ada):
    assert list(colleagues.find(page=9, by=ada, at=now()).items) == []


def test_somebody_of_another_clinic_is_not_found(ada, boris):
    with pytest.raises(NotFoundError):
        colleagues.get(boris.id, by=ada, at=now())


def test_an_invitation_is_open_until_it_lapses(ada):
    made = invite(ada)

    soon = colleagues.get(made.user.id, by=ada, at=now())
    late = colleagues.get(made.user.id, by=ada, at=now() + timedelta(hours=25))

    assert soon.state is State.INVITED
    assert timedelta(hours=23) < soon.invited_until - now() <= timedelta(hours=24)
    assert late.state is State.LAPSED


def test_whoever_is_disabled_is_shown_as_disabled(ada, alma):
    rights.disable(alma.id, by=ada, at=now())

    assert colleagues.get(alma.id, by=ada, at=now()).state is State.DISABLED


def test_sign_ins_and_tokens_that_work_are_counted(ada, alma):
    at = now()
    a_sign_in(alma, at=at)
    an_api_token(alma, days=9, at=at)

    person = colleagues.get(alma.id, by=ada, at=at)
    later = colleagues.get(alma.id, by=ada, at=at + timedelta(days=10))

    assert (person.state, person.sessions, person.tokens) == (State.ACTIVE, 1, 1)
    assert person.last_signed_in_at == at
    assert person.has_second_factor
    assert (later.sessions, later.tokens, later.last_signed_in_at) == (0, 0, at)


def test_looking_at_people_leaves_a_trace(app, ada, alma):
    colleagues.find(page=1, by=ada, at=now())
    colleagues.get(alma.id, by=ada, at=now())

    seen = column(app, select(AuditEvent.object_id).where(AuditEvent.action == "user.viewed").order_by(AuditEvent.n))
    assert seen == [None, alma.id]
