"""The second factor: a code works once, whoever types it and however."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from app.clock import now
from app.database import unit_of_work
from app.errors import CodeError, InvalidError, NotAllowedError, TooManyError
from app.models import AuditEvent, Clinic, RecoveryCode, User
from app.services import accounts, own_factors, second_factor
from app.services.second_factor import Method
from tests import records
from tests.conftest import PASSWORD, TOTP_SECRET

STEP = timedelta(seconds=30)


@pytest.fixture
def at():
    """In the middle of a step of the app."""
    return now().replace(second=15, microsecond=0)


@pytest.fixture
def newcomer(app, alma):
    """Alma, before she had a second factor."""
    forget = {"totp_secret": None, "totp_confirmed_at": None}
    records.change(app, User.__table__.update().where(User.__table__.c.id == alma.id).values(forget))
    return alma


def sign_in(at, who="alma"):
    return accounts.sign_in(email=f"{who}@clinic.example", password=PASSWORD, at=at)


def whole(at, who="alma"):
    return accounts.give_code(sign_in(at, who).token, code_of(at), at=at).token


def code_of(at, secret=TOTP_SECRET):
    return pyotp.TOTP(secret).at(at)


def is_let_in(token, code, at):
    try:
        return accounts.give_code(token, code, at=at)
    except CodeError:
        return None


def events(user):
    query = select(AuditEvent.action, AuditEvent.detail).where(AuditEvent.actor_id == user.id).order_by(AuditEvent.n)
    with unit_of_work(user.clinic_id) as session:
        return [tuple(row) for row in session.execute(query.where(AuditEvent.clinic_id == user.clinic_id))]


def test_a_password_alone_opens_nothing_but_the_second_step(at):
    half = sign_in(at)

    assert half.needs_second_factor
    assert not accounts.identify(half.token, at=at).is_whole


def test_the_code_of_the_app_opens_the_rest(at):
    half = sign_in(at)
    done = accounts.give_code(half.token, code_of(at), at=at)

    assert accounts.identify(done.token, at=at).is_whole
    assert accounts.identify(half.token, at=at) is None


@pytest.mark.asvs("6.5.5")
@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_counts_for_a_step_before_and_after_its_own(at, steps, is_right):
    assert bool(is_let_in(sign_in(at).token, code_of(at + steps * STEP), at)) is is_right


@pytest.mark.asvs("6.5.1")
@pytest.mark.parametrize(
    "again", ["{}", "{0[0]} {0[1]}{0[2]}{0[3]}{0[4]}{0[5]}", "{0[0]}{0[1]}{0[2]} {0[3]}{0[4]}{0[5]}"]
)
def test_a_code_that_was_used_is_refused_however_it_is_typed(at, again):
    code = code_of(at)
    accounts.give_code(sign_in(at).token, code, at=at)

    assert is_let_in(sign_in(at).token, again.format(code), at) is None


def test_after_a_code_no_earlier_one_counts(at):
    accounts.give_code(sign_in(at).token, code_of(at), at=at)

    assert is_let_in(sign_in(at).token, code_of(at - STEP), at) is None


def test_the_next_code_counts_again(at):
    accounts.give_code(sign_in(at).token, code_of(at), at=at)

    assert is_let_in(sign_in(at + STEP).token, code_of(at + STEP), at + STEP)


def test_of_two_steps_with_one_code_the_later_is_spent(monkeypatch, at):
    monkeypatch.setattr(pyotp.TOTP, "generate_otp", lambda _self, _step: "123456")

    step = second_factor.step_of(TOTP_SECRET, "123456", at=at)

    assert step == int(at.timestamp()) // 30 + 1


@pytest.mark.parametrize("between", [" ", ""])
def test_a_code_may_be_typed_in_groups(at, between):
    code = code_of(at)

    assert is_let_in(sign_in(at).token, code[:3] + between + code[3:], at)


@pytest.mark.parametrize("between", ["  ", "\t", "-", "\u00a0", "\n"])
def test_nothing_else_is_tidied(at, between):
    code = code_of(at)

    assert is_let_in(sign_in(at).token, code[:3] + between + code[3:], at) is None


def test_digits_of_other_scripts_are_no_code(at):
    arabic = code_of(at).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))

    assert is_let_in(sign_in(at).token, arabic, at) is None


def test_a_clock_that_was_set_back_makes_no_code_count_twice(at):
    accounts.give_code(sign_in(at).token, code_of(at), at=at)

    assert is_let_in(sign_in(at - 2 * STEP).token, code_of(at - 2 * STEP), at - 2 * STEP) is None


def test_ten_wrong_codes_and_the_right_one_is_refused_too(at):
    token = sign_in(at).token
    for _ in range(10):
        assert is_let_in(token, "000000", at) is None

    with pytest.raises(TooManyError) as refusal:
        accounts.give_code(token, code_of(at), at=at)

    assert refusal.value.seconds == 15 * 60


@pytest.mark.asvs("16.3.1")
def test_wrong_codes_leave_a_trace_but_do_not_fill_the_trail(alma, at):
    token = sign_in(at).token
    for _ in range(40):
        with pytest.raises((CodeError, TooManyError)):
            accounts.give_code(token, "000000", at=at)

    refused = [detail for action, detail in events(alma) if action == "factor.refused"]
    assert refused == ["wrong_code"] * 10 + ["too_many"]


@pytest.mark.usefixtures("newcomer")
def test_who_has_no_second_factor_sets_one_up_with_the_password_alone(at):
    half, secret = sign_in(at), second_factor.new_secret()

    done = own_factors.add_app(half.token, secret, code_of(at, secret), at=at)

    assert half.needs_second_factor
    assert accounts.identify(done.token, at=at).is_whole
    assert second_factor.methods_of(done.user) == {Method.TOTP, Method.RECOVERY}


def test_who_has_one_cannot_set_up_another_with_the_password_alone(at):
    half, secret = sign_in(at), second_factor.new_secret()

    with pytest.raises(NotAllowedError):
        own_factors.add_app(half.token, secret, code_of(at, secret), at=at)


def test_an_app_without_its_code_is_not_set_up(newcomer, at):
    with pytest.raises(CodeError):
        own_factors.add_app(sign_in(at).token, second_factor.new_secret(), "000000", at=at)

    assert second_factor.methods_of(newcomer) == frozenset()


@pytest.mark.usefixtures("newcomer")
def test_the_code_that_set_the_app_up_is_spent(at):
    secret = second_factor.new_secret()
    own_factors.add_app(sign_in(at).token, secret, code_of(at, secret), at=at)

    assert is_let_in(sign_in(at).token, code_of(at, secret), at) is None


@pytest.mark.usefixtures("newcomer")
def test_a_form_that_is_sent_twice_sets_no_app_up_twice(at):
    secret = second_factor.new_secret()
    token = own_factors.add_app(sign_in(at).token, secret, code_of(at, secret), at=at).token

    with pytest.raises(CodeError):
        own_factors.add_app(token, secret, code_of(at, secret), at=at)


def test_a_new_app_ends_every_other_session_and_the_old_app(at):
    other, here = whole(at), whole(at + STEP)
    secret = second_factor.new_secret()
    done = own_factors.add_app(here, secret, code_of(at + STEP, secret), at=at + STEP)

    assert accounts.identify(other, at=at + STEP) is None
    assert accounts.identify(here, at=at + STEP) is None
    assert accounts.identify(done.token, at=at + STEP)
    assert is_let_in(sign_in(at + 2 * STEP).token, code_of(at + 2 * STEP), at + 2 * STEP) is None


@pytest.mark.asvs("6.5.2", "6.5.4")
@pytest.mark.usefixtures("newcomer")
def test_recovery_codes_are_ten_of_120_random_bits_each(at):
    secret = second_factor.new_secret()
    codes = own_factors.add_app(sign_in(at).token, secret, code_of(at, secret), at=at).codes

    assert len(set(codes)) == 10
    assert all(len(code.replace("-", "")) * 5 == 120 for code in codes)


@pytest.mark.asvs("6.5.1")
def test_a_recovery_code_opens_once(alma, at):
    codes = own_factors.renew_codes(whole(at), at=at).codes

    assert is_let_in(sign_in(at).token, codes[0], at)
    assert is_let_in(sign_in(at).token, codes[0], at) is None
    assert is_let_in(sign_in(at).token, codes[1].lower().replace("-", " "), at)
    assert ("factor.code_used", None) in events(alma)


def test_new_recovery_codes_make_the_old_ones_worthless(at):
    token = whole(at)
    first = own_factors.renew_codes(token, at=at)
    second = own_factors.renew_codes(first.token, at=at)

    assert is_let_in(sign_in(at).token, first.codes[0], at) is None
    assert is_let_in(sign_in(at).token, second.codes[0], at)


def test_somebody_elses_recovery_code_opens_nothing(at):
    codes = own_factors.renew_codes(whole(at), at=at).codes

    assert is_let_in(sign_in(at, "sten").token, codes[0], at) is None


def test_of_recovery_codes_and_secrets_nothing_readable_is_stored(app, alma, at):
    codes = own_factors.renew_codes(whole(at), at=at).codes

    kept = records.column(app, select(RecoveryCode.code_sha256))
    secret = records.column(app, select(User.__table__.c.totp_secret).where(User.__table__.c.id == alma.id))[0]
    assert len(kept) == 10
    assert not {code.replace("-", "") for code in codes} & set(kept)
    assert TOTP_SECRET.encode() not in bytes(secret)


def test_a_clinic_that_requires_a_factor_lets_nobody_remove_the_last(at):
    with pytest.raises(InvalidError):
        own_factors.remove_app(whole(at), at=at)


def test_elsewhere_the_last_factor_goes_with_its_recovery_codes(app, alma, at):
    relaxed = {"requires_second_factor": False, "is_demonstration": True}
    records.change(app, Clinic.__table__.update().values(relaxed))
    renewed = own_factors.renew_codes(whole(at), at=at)

    own_factors.remove_app(renewed.token, at=at)

    assert second_factor.methods_of(alma) == frozenset()
    assert records.count(app, RecoveryCode) == 0
    assert not sign_in(at).needs_second_factor


def test_a_clinic_that_requires_none_still_asks_whoever_has_one(app, at):
    relaxed = {"requires_second_factor": False, "is_demonstration": True}
    records.change(app, Clinic.__table__.update().values(relaxed))

    assert sign_in(at).needs_second_factor


def test_a_passkey_that_was_checked_elsewhere_completes_the_sign_in(alma, at):
    half = sign_in(at)
    done = accounts.passed_second_factor(half.token, detail="passkey", at=at)

    assert accounts.identify(done.token, at=at).is_whole
    assert accounts.identify(half.token, at=at) is None
    assert events(alma)[-1] == ("session.started", "passkey")


def test_with_all_factors_gone_the_next_sign_in_leads_to_a_new_one(alma, at):
    own_factors.renew_codes(whole(at), at=at)
    with unit_of_work(alma.clinic_id) as session:
        second_factor.forget_all(session, session.get_one(User, alma.id))

    assert second_factor.methods_of(alma) == frozenset()
    assert sign_in(at).needs_second_factor
