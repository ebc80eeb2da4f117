"""Roles and access: who may change them, how soon it holds, and that a clinic always keeps an administrator."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from app.clock import now
from app.errors import InvalidError, NotAllowedError, NotFoundError, OwnAccountError
from app.models import ApiToken, AuditEvent, AuthSession, Role, User
from app.services import people, rights
from tests.builders import STRANGER_ID, a_sign_in, an_api_token
from tests.records import column, count

STEPS = (rights.disable, rights.enable, rights.end_sessions)


def open_sessions(app, user):
    return count(app, AuthSession, AuthSession.user_id == user.id, AuthSession.revoked_at.is_(None))


def working_tokens(app, user):
    return count(app, ApiToken, ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))


def with_everything_open(user):
    a_sign_in(user)
    an_api_token(user)


def events(app, user):
    query = select(AuditEvent.action, AuditEvent.detail).where(AuditEvent.object_id == user.id).order_by(AuditEvent.n)
    return column(app, query)


def make_administrator(user, by):
    return rights.set_roles(user.id, roles=[*user.roles, Role.ADMINISTRATOR], by=by, at=now())


def test_roles_are_changed_as_chosen(app, ada, sten):
    user = rights.set_roles(sten.id, roles=[Role.STAFF, Role.THERAPIST], by=ada, at=now())

    assert user.roles == {Role.STAFF, Role.THERAPIST}
    assert events(app, sten)[-1] == "user.edited"


@pytest.mark.parametrize("roles", [[], [Role.AUDITOR, Role.STAFF]])
def test_roles_that_do_not_go_together_are_refused(ada, sten, roles):
    with pytest.raises(InvalidError) as refused:
        rights.set_roles(sten.id, roles=roles, by=ada, at=now())

    assert list(refused.value.errors) == ["roles"]


def test_losing_a_role_ends_sessions_and_tokens_at_once(app, ada, alma):
    with_everything_open(alma)

    rights.set_roles(alma.id, roles=[Role.STAFF], by=ada, at=now())

    assert (open_sessions(app, alma), working_tokens(app, alma)) == (0, 0)


def test_gaining_a_role_interrupts_nobody(app, ada, alma):
    with_everything_open(alma)

    rights.set_roles(alma.id, roles=[Role.THERAPIST, Role.STAFF], by=ada, at=now())

    assert (open_sessions(app, alma), working_tokens(app, alma)) == (1, 1)


@pytest.mark.asvs("7.4.2", "8.3.2")
def test_whoever_is_disabled_is_out_at_once(app, ada, alma):
    with_everything_open(alma)

    rights.disable(alma.id, by=ada, at=now())

    assert (open_sessions(app, alma), working_tokens(app, alma)) == (0, 0)
    assert events(app, alma)[-1] == "user.disabled"


def test_whoever_is_enabled_again_is_as_before_but_signed_in_nowhere(app, ada, alma):
    with_everything_open(alma)
    rights.disable(alma.id, by=ada, at=now())

    user = rights.enable(alma.id, by=ada, at=now())

    assert (user.disabled_at, user.roles) == (None, {Role.THERAPIST})
    assert (open_sessions(app, alma), working_tokens(app, alma)) == (0, 0)
    assert events(app, alma)[-1] == "user.enabled"


@pytest.mark.asvs("7.4.5")
def test_signing_somebody_out_everywhere_takes_their_tokens_too(app, ada, alma, sten):
    with_everything_open(alma)
    with_everything_open(sten)

    rights.end_sessions(alma.id, by=ada, at=now())

    assert (open_sessions(app, alma), working_tokens(app, alma)) == (0, 0)
    assert (open_sessions(app, sten), working_tokens(app, sten)) == (1, 1)


@pytest.mark.parametrize("step", STEPS)
def test_nobody_decides_about_their_own_account(ada, step):
    with pytest.raises(OwnAccountError):
        step(ada.id, by=ada, at=now())


def test_nobody_changes_their_own_roles(app, ada):
    with pytest.raises(OwnAccountError):
        rights.set_roles(ada.id, roles=[Role.ADMINISTRATOR, Role.THERAPIST], by=ada, at=now())

    assert column(app, select(User.roles_text).where(User.id == ada.id)) == ["administrator"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("user_id", ["", "x", STRANGER_ID, "boris"])
def test_people_of_another_clinic_are_not_to_be_found(ada, boris, step, user_id):
    with pytest.raises(NotFoundError):
        step(boris.id if user_id == "boris" else user_id, by=ada, at=now())


@pytest.mark.parametrize("step", STEPS)
def test_only_an_administrator_decides(sten, alma, step):
    with pytest.raises(NotAllowedError):
        step(alma.id, by=sten, at=now())


def test_an_administrator_of_a_moment_ago_decides_nothing(ada, alma, sten):
    former = make_administrator(sten, ada)
    rights.set_roles(sten.id, roles=[Role.STAFF], by=ada, at=now())

    with pytest.raises(NotAllowedError):
        rights.disable(alma.id, by=former, at=now())


@pytest.mark.asvs("15.4.2")
@pytest.mark.parametrize("step", ["disable", "set_roles"])
def test_two_administrators_who_act_on_one_another_at_once_leave_one(app, ada, sten, step):
    make_administrator(sten, ada)
    together, outcomes = Barrier(2), []

    def act(by, on):
        with app.app_context():
            actor = people.user_with_address(by)
            victim = people.user_with_address(on).id
            together.wait()
            try:
                if step == "disable":
                    rights.disable(victim, by=actor, at=now())
                else:
                    rights.set_roles(victim, roles=[Role.STAFF], by=actor, at=now())
                outcomes.append("done")
            except NotAllowedError:
                outcomes.append("refused")

    pairs = [(ada.email, sten.email), (sten.email, ada.email)]
    threads = [Thread(target=act, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    left = [User.clinic_id == ada.clinic_id, User.disabled_at.is_(None), User.roles_text.contains("administrator")]
    assert sorted(outcomes) == ["done", "refused"]
    assert count(app, User, *left) == 1
