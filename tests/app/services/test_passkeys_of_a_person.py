"""Whose passkeys they are: who may add one, who may remove one, and what ends when somebody does."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from app.clock import now
from app.database import unit_of_work
from app.errors import ConflictError, NotAllowedError, NotFoundError, PasskeyError
from app.models import AuditEvent, Clinic, Passkey, RecoveryCode, User
from app.services import passkeys, people, second_factor, sessions
from tests.authenticator import url64
from tests.builders import STRANGER_ID
from tests.builders_passkeys import (
    SITE,
    a_key,
    a_session,
    check,
    enrol,
    keep,
    options_to_add,
    options_to_prove,
    works,
)
from tests.records import change, count, stored


def events(app, action):
    query = select(AuditEvent.outcome, AuditEvent.detail).where(AuditEvent.action == action).order_by(AuditEvent.n)
    return [tuple(row) for row in stored(app, query)]


@pytest.fixture
def token(alma):
    """Alma, signed in, before she has a passkey."""
    return a_session(alma)


@pytest.fixture
def enrolled(token):
    """Alma, signed in, and her key."""
    return enrol(token)


@pytest.fixture
def newcomer(app, alma):
    """Alma, on the day when she has no second factor yet."""
    change(app, update(User).where(User.id == alma.id).values(totp_secret=None, totp_confirmed_at=None))
    with unit_of_work(alma.clinic_id) as session:
        session.expire_all()
    return people.user_with_address(alma.email)


def test_a_password_alone_adds_no_factor_beside_one_that_is_there(alma):
    early = a_session(alma, is_whole=False)

    with pytest.raises(NotAllowedError):
        options_to_add(early)
    with pytest.raises(NotAllowedError):
        keep(early, {})


def test_a_first_factor_may_be_a_passkey_and_brings_recovery_codes(newcomer):
    early = a_session(newcomer, is_whole=False)

    signed_in = keep(early, a_key().made(options_to_add(early)))

    assert [one.name for one in passkeys.of_user(newcomer)] == ["Blue key"]
    assert len(signed_in.codes) == 10
    assert sessions.identify(signed_in.token, at=now()).is_whole
    with pytest.raises(NotAllowedError):
        options_to_add(a_session(newcomer, is_whole=False))


def test_another_factor_leaves_the_recovery_codes_as_they_are(token):
    assert keep(token, a_key().made(options_to_add(token))).codes == ()


def test_the_last_factor_stays_where_the_clinic_requires_one(app, newcomer):
    token, _ = enrol(a_session(newcomer))

    with pytest.raises(ConflictError, match="your only one"):
        passkeys.remove(token, passkeys.of_user(newcomer)[0].id, at=now())

    assert count(app, Passkey) == 1


@pytest.mark.asvs("6.5.6")
def test_one_of_two_passkeys_is_removed_and_noted(app, newcomer):
    token, _ = enrol(a_session(newcomer), name="First")
    token, _ = enrol(token, name="Second")

    passkeys.remove(token, passkeys.of_user(newcomer)[0].id, at=now())

    assert [one.name for one in passkeys.of_user(newcomer)] == ["Second"]
    assert events(app, "factor.removed") == [("done", "passkey")]
    assert count(app, RecoveryCode) == second_factor.RECOVERY_CODES


def test_with_the_last_factor_the_recovery_codes_go_where_none_is_required(app, newcomer):
    token, _ = enrol(a_session(newcomer))
    change(app, update(Clinic).values(is_demonstration=True, requires_second_factor=False))

    passkeys.remove(token, passkeys.of_user(newcomer)[0].id, at=now())

    assert count(app, RecoveryCode) == 0


@pytest.mark.parametrize("who", ["sten", "boris"])
def test_nobody_removes_somebody_elses_passkey(request, alma, enrolled, who):
    assert enrolled
    token, theirs = a_session(request.getfixturevalue(who)), passkeys.of_user(alma)[0].id

    for passkey_id in (theirs, STRANGER_ID, "no id"):
        with pytest.raises(NotFoundError, match="no such passkey"):
            passkeys.remove(token, passkey_id, at=now())

    assert len(passkeys.of_user(alma)) == 1


def test_a_change_of_factors_ends_the_other_sign_ins_and_nobody_elses(alma, sten, token):
    elsewhere, of_sten = a_session(alma), a_session(sten)
    here, _ = enrol(token)
    after_adding = [works(one) for one in (token, here, elsewhere, of_sten)]
    elsewhere = a_session(alma)
    left = passkeys.remove(here, passkeys.of_user(alma)[0].id, at=now()).token

    assert after_adding == [False, True, False, True]
    assert [works(one) for one in (here, left, elsewhere, of_sten)] == [False, True, False, True]


def test_ten_passkeys_are_enough_for_anybody(token):
    for number in range(passkeys.MOST):
        token, _ = enrol(token, name=f"Key {number}")

    with pytest.raises(ConflictError, match="You have 10 passkeys"):
        enrol(token)


@pytest.mark.parametrize("who", ["sten", "boris"])
def test_somebody_elses_passkey_is_nobodys(request, app, alma, enrolled, who):
    token, _ = enrol(a_session(request.getfixturevalue(who)))
    credential = enrolled[1].signed(options_to_prove(token))

    with pytest.raises(PasskeyError, match="none of your passkeys"):
        check(token, credential)

    assert events(app, "factor.refused") == [("refused", "passkey_unknown")]
    assert passkeys.of_user(alma)[0].last_used_at is None


@pytest.mark.parametrize("who", ["alma", "sten", "boris"])
def test_a_credential_belongs_to_one_account_of_the_installation(request, enrolled, who):
    token = a_session(request.getfixturevalue(who))

    with pytest.raises(PasskeyError, match="in use already"):
        enrol(token, replace(a_key(), credential_id=enrolled[1].credential_id))


def test_only_ones_own_keys_are_asked_for(sten, enrolled):
    enrol(a_session(sten), name="Sten's")
    token, key = enrolled

    asked = options_to_prove(token)

    assert [one["id"] for one in asked["allowCredentials"]] == [url64(key.credential_id)]
    assert (asked["rpId"], asked["userVerification"]) == (SITE.rp_id, "preferred")


def test_who_has_no_passkey_is_not_asked_for_one(token):
    with pytest.raises(PasskeyError, match="none of your passkeys"):
        options_to_prove(token)
