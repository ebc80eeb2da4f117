"""Signing in: one answer for every failure, and sessions that end when they should."""

import statistics
import time
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import select

from app.clock import now
from app.database import unit_of_work
from app.errors import SignInError
from app.models import ApiToken, AuditEvent, AuthSession, User
from app.policy import Scope
from app.services import accounts, passwords, people
from tests.conftest import PASSWORD
from tests.records import column

MINUTE = timedelta(minutes=1)


def sign_in(email="alma@clinic.example", password=PASSWORD, at=None):
    return accounts.sign_in(email=email, password=password, at=at or now())


def test_the_right_password_opens_a_session(alma):
    signed_in = sign_in(" Alma@Clinic.Example ")

    user = accounts.user_of(signed_in.token, at=now())

    assert user is not None
    assert user.id == alma.id


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("alma@clinic.example", "wrong password"),
        ("alma@clinic.example", ""),
        ("alma@clinic.example", PASSWORD + "x"),
        ("alma@clinic.example", "\ud800"),
        ("alma@clinic.example", "x" * 100_000),
        ("nobody@clinic.example", PASSWORD),
        ("", ""),
        ("\x00", PASSWORD),
        ("\ud800@clinic.example", PASSWORD),
    ],
)
def test_every_failed_sign_in_says_the_same(email, password):
    with pytest.raises(SignInError) as refusal:
        sign_in(email, password)

    assert str(refusal.value) == "The e-mail address or the password is not right."


def test_a_disabled_person_is_refused_like_a_stranger(alma):
    with unit_of_work(alma.clinic_id) as session:
        session.get_one(User, alma.id).disabled_at = now()

    with pytest.raises(SignInError):
        sign_in()


def test_an_unknown_person_costs_the_same_time():
    def seconds(email):
        begun = time.perf_counter()
        with pytest.raises(SignInError):
            sign_in(email, "wrong password")
        return time.perf_counter() - begun

    known = statistics.median(seconds("alma@clinic.example") for _ in range(5))
    unknown = statistics.median(seconds("nobody@clinic.example") for _ in range(5))

    assert 0.4 < unknown / known < 2.5


def test_nobodys_hash_is_as_strong_as_everybody_elses():
    assert not passwords.is_outdated(passwords.NOBODY)


def test_only_hashes_are_kept_of_passwords_and_tokens(alma):
    token = sign_in().token

    kept = column(current_app, select(AuthSession.token_sha256))

    assert token not in kept
    assert column(current_app, select(User.password_hash).where(User.id == alma.id))[0].startswith("$argon2id$")


def test_a_session_ends_after_a_quarter_of_an_hour_without_use():
    token = sign_in().token

    assert accounts.user_of(token, at=now() + 15 * MINUTE) is None


def test_use_keeps_a_session_alive():
    begun = now()
    token = sign_in(at=begun).token

    seen = [accounts.user_of(token, at=begun + minutes * MINUTE) for minutes in (10, 20, 30)]

    assert all(seen)


def test_a_session_ends_after_twelve_hours_however_busy():
    begun = now()
    token = sign_in(at=begun).token

    seen = [accounts.user_of(token, at=begun + minutes * MINUTE) is not None for minutes in range(0, 730, 10)]

    assert seen == [True] * 72 + [False]


def test_a_clock_that_runs_backwards_does_not_prolong_a_session():
    begun = now()
    token = sign_in(at=begun).token
    accounts.user_of(token, at=begun - timedelta(days=1))

    assert accounts.user_of(token, at=begun + 16 * MINUTE) is None


def test_signing_out_ends_the_session_at_once():
    token = sign_in().token
    accounts.sign_out(token, at=now())

    assert accounts.user_of(token, at=now()) is None


def test_disabling_somebody_ends_their_sessions_and_tokens_at_once(alma):
    session_token = sign_in().token
    api_token = people.add_token(user=alma, name="import", scopes=list(Scope), days=1, at=now())
    with unit_of_work(alma.clinic_id) as session:
        session.get_one(User, alma.id).disabled_at = now()

    assert accounts.user_of(session_token, at=now()) is None
    assert accounts.user_of_token(api_token, at=now()) is None


def test_a_token_acts_as_its_user_until_it_expires(alma):
    token = people.add_token(user=alma, name="import", scopes=list(Scope), days=1, at=now())

    today = accounts.user_of_token(token, at=now())

    assert today is not None
    assert today.id == alma.id
    assert accounts.user_of_token(token, at=now() + timedelta(days=1)) is None


def test_a_revoked_token_is_dead_at_once(alma):
    token = people.add_token(user=alma, name="import", scopes=list(Scope), days=1, at=now())
    with unit_of_work(alma.clinic_id) as session:
        session.scalars(select(ApiToken)).one().revoked_at = now()

    assert accounts.user_of_token(token, at=now()) is None


@pytest.mark.parametrize("token", ["", "hw_", "x" * 10_000, "\x00", "\ud800"])
def test_a_made_up_token_is_nobodys(token):
    assert accounts.user_of_token(token, at=now()) is None
    assert accounts.user_of(token, at=now()) is None


def test_signing_in_and_out_leaves_a_trace(alma):
    with pytest.raises(SignInError):
        sign_in(password="wrong password")
    accounts.sign_out(sign_in().token, at=now())

    events = select(AuditEvent.action).where(AuditEvent.actor_id == alma.id).order_by(AuditEvent.n)
    assert column(current_app, events) == ["user.added", "session.refused", "session.started", "session.ended"]
