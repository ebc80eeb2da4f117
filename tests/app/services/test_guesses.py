"""Whose guesses count against whom: strangers' together, a known browser's and an open session's by themselves."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import update

from app.clock import now
from app.errors import CodeError, SignInError, TooManyError
from app.models import User
from app.services import accounts, devices, own_factors, passwords, second_factor, throttle
from tests.builders import a_sign_in
from tests.builders_passkeys import a_session, enrol, prove
from tests.conftest import PASSWORD, TOTP_SECRET
from tests.records import change

MINUTE = timedelta(minutes=1)
NEW = "kettle marsh ribbon owl"


def sign_in(email="alma@clinic.example", password=PASSWORD, *, at, **changes):
    return accounts.sign_in(email=email, password=password, at=at, **changes)


@pytest.fixture
def hasty(monkeypatch):
    """Passwords are refused without a hash: for tests of how often."""
    monkeypatch.setattr(passwords, "matches", lambda _kept, password: password == PASSWORD)


def guesses(email="alma@clinic.example", *, at, times=10, **changes):
    """How many of so many wrong passwords were looked at."""
    seen = 0
    for _ in range(times):
        with pytest.raises((SignInError, TooManyError)) as refusal:
            sign_in(email, "a wrong guess", at=at, **changes)
        seen += refusal.type is SignInError
    return seen


@pytest.mark.usefixtures("hasty")
def test_strangers_guesses_keep_nobody_from_proving_who_they_are_in_an_open_session(alma):
    begun = now()
    token = a_sign_in(alma, at=begun)
    half = sign_in(at=begun).token
    guesses(at=begun)
    for _ in range(10):
        with pytest.raises(CodeError):
            accounts.give_code(half, "000000", at=begun)

    token = accounts.prove(token, password=PASSWORD, at=begun).token
    token = accounts.change_password(token, current=PASSWORD, new=NEW, at=begun).token

    assert accounts.identify(token, at=begun)


@pytest.mark.usefixtures("hasty")
def test_strangers_codes_keep_nobody_from_a_code_in_an_open_session(app, alma):
    begun, secret = now(), second_factor.new_secret()
    token, half = a_sign_in(alma, at=begun), sign_in(at=begun).token
    for _ in range(10):
        with pytest.raises(CodeError):
            accounts.give_code(half, "000000", at=begun)
    change(app, update(User).where(User.id == alma.id).values(password_hash=None))

    token = accounts.prove(token, code=pyotp.TOTP(TOTP_SECRET).at(begun), at=begun).token

    assert own_factors.add_app(token, secret, pyotp.TOTP(secret).at(begun), at=begun)


@pytest.mark.usefixtures("hasty")
def test_strangers_guesses_do_not_keep_the_owner_out_of_a_known_browser(alma):
    begun = now()
    device = devices.remember("", user=alma, at=begun)
    looked_at = guesses(at=begun, times=30)

    signed_in = sign_in(at=begun, device=device)

    assert looked_at == 10
    assert accounts.give_code(signed_in.token, pyotp.TOTP(TOTP_SECRET).at(begun), device=device, at=begun)


@pytest.mark.usefixtures("hasty")
def test_wrong_codes_of_a_stranger_who_has_the_password_do_not_keep_the_owner_out_of_a_known_browser(alma):
    begun = now()
    device = devices.remember("", user=alma, at=begun)
    half = sign_in(at=begun).token
    for _ in range(10):
        with pytest.raises(CodeError):
            accounts.give_code(half, "000000", at=begun)
    with pytest.raises(TooManyError) as refusal:
        accounts.give_code(half, pyotp.TOTP(TOTP_SECRET).at(begun), at=begun)

    mine = sign_in(at=begun, device=device).token

    assert refusal.value.is_news
    assert accounts.give_code(mine, pyotp.TOTP(TOTP_SECRET).at(begun), device=device, at=begun)


@pytest.mark.usefixtures("hasty")
def test_a_known_browser_guesses_no_more_often_than_a_stranger(alma, sten):
    begun = now()
    device = devices.remember("", user=alma, at=begun)

    assert guesses(at=begun, times=15, device=device) == 10
    assert guesses(sten.email, at=begun, times=15, device=device) == 10
    assert guesses(sten.email, at=begun, times=3) == 0  # for Sten it was a stranger's


@pytest.mark.usefixtures("hasty")
def test_a_full_place_does_not_tell_whether_somebody_has_an_address(monkeypatch):
    """Two addresses in one place: what one of them fills, it fills for the other, whoever has which."""
    begun, later = now(), now() + 15 * MINUTE
    monkeypatch.setattr(throttle, "PLACES", 1)

    after_nobody = guesses("nobody@clinic.example", at=begun), guesses(at=begun)
    after_somebody = guesses(at=later), guesses("nobody@clinic.example", at=later)

    assert after_nobody == after_somebody == (10, 0)


def test_strangers_codes_keep_nobody_from_a_passkey(alma):
    token, key = enrol(a_session(alma))
    half = a_session(alma, is_whole=False)
    for _ in range(11):
        with pytest.raises((CodeError, TooManyError)):
            accounts.give_code(half, "000000", at=now())

    mine = a_session(alma, is_whole=False)

    assert prove(mine, key)
    assert prove(token, key)
