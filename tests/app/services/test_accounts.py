"""Signing in: one answer for every failure, and a new token for every proof."""

import statistics
import time
from datetime import timedelta

import pyotp
import pytest

from app.clock import now
from app.errors import CodeError, InvalidError, NotSignedInError, SignInError, TooManyError
from app.models import AuditEvent, AuthSession, User
from app.services import accounts, passwords, people
from tests.builders import a_sign_in
from tests.conftest import PASSWORD, TOTP_SECRET
from tests.records import change, column, count, stored

MINUTE = timedelta(minutes=1)
NEW = "kettle marsh ribbon owl"
EVENTS = AuditEvent.__table__
USERS = User.__table__


def sign_in(email="alma@clinic.example", password=PASSWORD, at=None, **changes):
    return accounts.sign_in(email=email, password=password, at=at or now(), **changes)


def whole(user, at=None):
    return a_sign_in(user, at=at or now())


def events(app, user):
    query = EVENTS.select().with_only_columns(EVENTS.c.action, EVENTS.c.detail, EVENTS.c.outcome)
    return [tuple(row) for row in stored(app, query.where(EVENTS.c.actor_id == user.id).order_by(EVENTS.c.n))][1:]


def set_columns(app, user, **values):
    change(app, USERS.update().where(USERS.c.id == user.id).values(values))


def test_the_right_password_opens_the_first_half_of_a_session(alma):
    signed_in = sign_in(" Alma@Clinic.Example ")

    found = accounts.identify(signed_in.token, at=now())

    assert (found.user.id, found.is_whole, signed_in.needs_second_factor) == (alma.id, False, True)


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


@pytest.mark.parametrize("values", [{"disabled_at": now()}, {"password_hash": None}])
def test_a_disabled_person_and_one_without_a_password_are_refused_like_a_stranger(app, alma, values):
    set_columns(app, alma, **values)

    with pytest.raises(SignInError):
        sign_in()


def test_after_ten_guesses_the_right_password_is_refused_too():
    for _ in range(10):
        with pytest.raises(SignInError):
            sign_in(password="wrong password")

    with pytest.raises(TooManyError):
        sign_in()


def test_a_quarter_of_an_hour_later_it_opens_again():
    begun = now()
    for _ in range(12):
        with pytest.raises((SignInError, TooManyError)):
            sign_in(password="wrong password", at=begun)

    assert sign_in(at=begun + 15 * MINUTE)


@pytest.mark.asvs("6.3.8")
def test_an_unknown_person_costs_the_same_time():
    def seconds(email, n):
        begun = time.perf_counter()
        with pytest.raises(SignInError):
            sign_in(email, "wrong password", at=now() + n * 20 * MINUTE)
        return time.perf_counter() - begun

    known = statistics.median(seconds("alma@clinic.example", n) for n in range(5))
    unknown = statistics.median(seconds("nobody@clinic.example", n) for n in range(5))

    assert 0.4 < unknown / known < 2.5


def test_nobodys_hash_is_as_strong_as_everybody_elses():
    assert not passwords.is_outdated(passwords.NOBODY)


@pytest.mark.asvs("11.4.2")
def test_a_hash_of_weaker_days_is_made_anew_by_the_next_sign_in(app, alma, monkeypatch):
    monkeypatch.setattr(passwords, "is_outdated", lambda _kept: True)
    sign_in()

    assert column(app, USERS.select().with_only_columns(USERS.c.password_hash).where(USERS.c.id == alma.id)) != [
        alma.password_hash
    ]
    assert sign_in()


def test_who_was_disabled_while_the_password_was_being_checked_is_not_let_in(app, alma, monkeypatch):
    def matches(_kept, _password):
        set_columns(app, alma, disabled_at=now())
        return True

    monkeypatch.setattr(passwords, "matches", matches)

    with pytest.raises(SignInError):
        sign_in()


@pytest.mark.asvs("11.4.2")
def test_only_hashes_are_kept_of_passwords_and_tokens(app, alma):
    token = sign_in().token

    kept = column(app, AuthSession.__table__.select().with_only_columns(AuthSession.__table__.c.token_sha256))

    assert kept
    assert token not in kept
    assert alma.password_hash.startswith("$argon2id$")


def test_a_session_knows_its_browser():
    token = sign_in(browser="Firefox on Windows").token

    assert accounts.identify(token, at=now()).session.browser == "Firefox on Windows"


def test_who_can_use_no_code_yet_can_still_sign_in_where_none_is_required(app, alma):
    clinic = people.brand_of(alma.clinic)
    assert not clinic.is_demonstration
    set_columns(app, alma, totp_secret=None, totp_confirmed_at=None)

    assert sign_in().needs_second_factor


@pytest.mark.asvs("16.3.1")
def test_refused_sign_ins_leave_a_word_that_says_why(app, alma):
    begun = now()
    for _ in range(12):
        with pytest.raises((SignInError, TooManyError)):
            sign_in(password="wrong password", at=begun)
    set_columns(app, alma, disabled_at=begun)
    with pytest.raises(SignInError):
        sign_in(at=begun + 20 * MINUTE)

    told = [(action, detail) for action, detail, outcome in events(app, alma) if outcome == "refused"]
    assert told == [("session.refused", why) for why in ["wrong_password"] * 10 + ["too_many", "disabled"]]


def test_guesses_at_nobody_leave_nothing_in_any_trail(app):
    before = count(app, AuditEvent)
    for _ in range(12):
        with pytest.raises((SignInError, TooManyError)):
            sign_in("nobody@clinic.example", "wrong password")

    assert count(app, AuditEvent) == before


@pytest.mark.asvs("16.3.1")
def test_signing_in_and_out_leaves_a_trace(app, alma):
    at = now()
    done = accounts.give_code(sign_in(at=at).token, pyotp.TOTP(TOTP_SECRET).at(at), at=at)
    accounts.sign_out(done.token, at=at)

    assert events(app, alma) == [("session.started", "totp", "done"), ("session.ended", None, "done")]


def test_proving_again_takes_the_password_and_gives_a_new_token(app, alma):
    token, later = whole(alma), now() + 11 * MINUTE
    before = accounts.identify(token, at=later)

    done = accounts.prove(token, password=PASSWORD, at=later)

    assert not before.is_fresh(later)
    assert accounts.identify(done.token, at=later).is_fresh(later)
    assert accounts.identify(token, at=later) is None
    assert events(app, alma)[-1] == ("session.proved", "password", "done")


def test_a_proof_does_not_prolong_the_day(alma):
    begun = now()
    token = whole(alma, begun)
    end = accounts.identify(token, at=begun).session.expires_at

    done = accounts.prove(token, password=PASSWORD, at=begun + MINUTE)

    assert accounts.identify(done.token, at=begun + MINUTE).session.expires_at == end


def test_who_has_no_password_proves_it_by_code(app, alma):
    set_columns(app, alma, password_hash=None)
    at, token = now(), whole(alma)

    with pytest.raises(CodeError):
        accounts.prove(token, password=PASSWORD, code="000000", at=at)
    assert accounts.prove(token, code=pyotp.TOTP(TOTP_SECRET).at(at), at=at)


def test_a_wrong_password_proves_nothing_and_ten_are_too_many(app, alma):
    token = whole(alma)
    for _ in range(10):
        with pytest.raises(InvalidError):
            accounts.prove(token, password="wrong password", at=now())

    with pytest.raises(TooManyError):
        accounts.prove(token, password=PASSWORD, at=now())
    with pytest.raises(TooManyError):
        accounts.change_password(token, current=PASSWORD, new=NEW, at=now())
    told = events(app, alma)
    assert told.count(("session.refused", "wrong_password_again", "refused")) == 10
    assert told.count(("session.refused", "too_many", "refused")) == 1


def test_half_a_session_proves_nothing(alma):
    half = sign_in().token

    with pytest.raises(NotSignedInError):
        accounts.prove(half, password=PASSWORD, at=now())
    with pytest.raises(NotSignedInError):
        accounts.change_password(half, current=PASSWORD, new=NEW, at=now())
    assert accounts.identify(half, at=now()).user.id == alma.id


def test_a_new_password_ends_every_other_session_and_counts_at_once(app, alma):
    other, here = whole(alma), whole(alma)

    done = accounts.change_password(here, current=PASSWORD, new=NEW, at=now())

    assert [accounts.identify(token, at=now()) for token in (other, here)] == [None, None]
    assert accounts.identify(done.token, at=now()).user.id == alma.id
    assert sign_in(password=NEW)
    with pytest.raises(SignInError):
        sign_in()
    assert ("password.changed", None, "done") in events(app, alma)


@pytest.mark.asvs("6.2.3", "6.2.4")
@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("wrong password", NEW, "current"),
        (PASSWORD, "short", "new"),
        (PASSWORD, "x" * 100_000, "new"),
        (PASSWORD, "password123456", "new"),
        (PASSWORD, "alma.reyes.1984", "new"),
        (PASSWORD, PASSWORD, "new"),
    ],
)
def test_a_password_is_changed_with_the_old_one_to_a_good_one_only(alma, current, new, field):
    token = whole(alma)

    with pytest.raises(InvalidError) as refusal:
        accounts.change_password(token, current=current, new=new, at=now())

    assert set(refusal.value.errors) == {field}
    assert sign_in()


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 10_000, "\x00", "\ud800"])
def test_a_made_up_token_proves_nothing(token):
    with pytest.raises(NotSignedInError):
        accounts.give_code(token, "000000", at=now())
    with pytest.raises(NotSignedInError):
        accounts.prove(token, password=PASSWORD, at=now())
