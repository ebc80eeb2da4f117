"""Two things at once about one account: whichever comes second knows what the first has done.

SQLite has one writer, so that it can't be otherwise there. What holds it on PostgreSQL is the lock on the person's row.
"""

from contextlib import suppress
from threading import Thread

import pyotp
import pytest
from sqlalchemy import select

from app.clock import now
from app.errors import HoldwellError
from app.models import ApiToken, AuthSession, User
from app.services import (
    accounts,
    api_tokens,
    own_factors,
    passkeys,
    passwords,
    provider_sign_in,
    resets,
    rights,
    second_factor,
    sessions,
)
from tests.builders import a_sign_in, an_api_token
from tests.builders_passkeys import a_session, enrol
from tests.coming_in import connected, found, set_up
from tests.conftest import PASSWORD
from tests.records import column, count

A_MOMENT = 0.5
"""Seconds: enough for the other, where nothing holds them up."""


@pytest.fixture
def meanwhile(app, monkeypatch):
    """Have something else done just before a function is called for the first time, unless it has to wait."""
    threads = []

    def arrange(module, name, act):
        real = getattr(module, name)

        def other():
            with app.app_context():
                try_to(act)

        def interrupted(*args, **kwargs):
            if not threads:
                threads.append(Thread(target=other))
                threads[0].start()
                threads[0].join(A_MOMENT)
            return real(*args, **kwargs)

        monkeypatch.setattr(module, name, interrupted)
        return lambda: threads[0].join(A_MOMENT * 60)

    monkeypatch.setattr(passwords, "hashed", lambda password: f"hash of {password}")
    return arrange


def open_sessions(app, user):
    return count(app, AuthSession, AuthSession.user_id == user.id, AuthSession.revoked_at.is_(None))


def kept_password(app, user):
    return column(app, select(User.password_hash).where(User.id == user.id))[0]


def try_to(act, **given):
    with suppress(HoldwellError):  # they came second, and were told so
        act(**given)


def test_an_old_password_opens_no_session_that_outlives_the_reset(app, alma, ada, meanwhile):
    link = resets.send(alma.id, by=ada, at=now()).token
    ended = meanwhile(sessions, "opened", lambda: resets.choose(link, password="seven quiet herons wade", at=now()))

    try_to(accounts.sign_in, email=alma.email, password=PASSWORD, at=now())
    ended()

    assert kept_password(app, alma) == "hash of seven quiet herons wade"
    assert open_sessions(app, alma) == 0


def test_who_is_disabled_while_their_provider_lets_them_in_is_out(app, provider, alma, ada, meanwhile):
    set_up(ada, provider)
    connected(provider, alma)
    proved = found(provider, alma.clinic_id)
    ended = meanwhile(sessions, "opened", lambda: rights.disable(alma.id, by=ada, at=now()))

    try_to(provider_sign_in.sign_in, clinic_id=alma.clinic_id, found=proved, browser="", at=now())
    ended()

    assert open_sessions(app, alma) == 0


def test_a_thief_who_changes_the_password_does_not_overrule_its_reset(app, alma, ada, meanwhile):
    link, token = resets.send(alma.id, by=ada, at=now()).token, a_sign_in(alma)
    ended = meanwhile(accounts, "set_password", lambda: resets.choose(link, password="seven quiet herons", at=now()))

    try_to(accounts.change_password, token=token, current=PASSWORD, new="kettle marsh ribbon owl", at=now())
    ended()

    assert (kept_password(app, alma), open_sessions(app, alma)) in {
        ("hash of seven quiet herons", 0),
        ("hash of kettle marsh ribbon owl", 1),  # the change came first, and the link is worth nothing
    }


def test_no_app_is_left_that_was_added_during_the_reset_of_the_second_factor(app, alma, ada, meanwhile):
    at, secret, token = now(), second_factor.new_secret(), a_sign_in(alma)
    ended = meanwhile(second_factor, "keep_app", lambda: resets.forget_second_factor(alma.id, by=ada, at=at))

    try_to(own_factors.add_app, token=token, secret=secret, code=pyotp.TOTP(secret).at(at), at=at)
    ended()

    assert column(app, select(User.totp_confirmed_at).where(User.id == alma.id)) == [None]
    assert open_sessions(app, alma) == 0


def test_the_app_and_the_last_passkey_are_not_both_removed(alma, meanwhile):
    enrol(a_session(alma))
    first, second = a_session(alma), a_session(alma)
    passkey = passkeys.of_user(alma)[0].id
    ended = meanwhile(second_factor, "forget_app", lambda: passkeys.remove(second, passkey, at=now()))

    try_to(own_factors.remove_app, token=first, at=now())
    ended()

    assert len(second_factor.methods_of(alma) - {second_factor.Method.RECOVERY}) == 1


def test_no_api_token_is_left_that_was_made_during_a_reset(app, alma, ada, meanwhile):
    link = resets.send(alma.id, by=ada, at=now()).token
    ended = meanwhile(api_tokens, "_living", lambda: resets.choose(link, password="seven quiet herons", at=now()))

    try_to(an_api_token, by=alma)
    ended()

    assert kept_password(app, alma) == "hash of seven quiet herons"
    assert count(app, ApiToken, ApiToken.user_id == alma.id, ApiToken.revoked_at.is_(None)) == 0


def test_who_was_let_in_before_a_reset_makes_no_token_after_it(app, alma, ada):
    resets.forget_second_factor(alma.id, by=ada, at=now())

    try_to(an_api_token, by=alma)

    assert count(app, ApiToken, ApiToken.user_id == alma.id) == 0
