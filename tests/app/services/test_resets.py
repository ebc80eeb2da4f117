"""New passwords and second factors: who can have them reset, and what a reset never opens."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clock import now
from app.errors import ConflictError, InvalidError, LinkError, NotFoundError, OwnAccountError, TooManyError
from app.models import AuditEvent, AuthSession, OneTimeLink, RateCounter, Role, User
from app.services import accounts, invitations, passwords, resets, rights
from tests.builders import a_sign_in, an_api_token
from tests.conftest import PASSWORD
from tests.records import column, count

NEW_PASSWORD = "seven quiet herons wade"


def ask(user, **changes):
    return resets.ask(**({"email": user.email, "at": now()} | changes))


def kept_password(app, user):
    (kept,) = column(app, select(User.password_hash).where(User.id == user.id))
    return kept


def open_sessions(app, user):
    return count(app, AuthSession, AuthSession.user_id == user.id, AuthSession.revoked_at.is_(None))


def actions(app, user):
    return column(app, select(AuditEvent.action).where(AuditEvent.object_id == user.id).order_by(AuditEvent.n))


def test_a_new_password_takes_the_place_of_the_old(app, alma):
    resets.choose(ask(alma).token, password=NEW_PASSWORD, at=now())

    assert passwords.matches(kept_password(app, alma), NEW_PASSWORD)
    assert not passwords.matches(kept_password(app, alma), PASSWORD)
    assert actions(app, alma)[-2:] == ["password.reset_asked", "password.reset"]


def test_the_old_password_works_until_a_new_one_is_chosen(app, alma):
    ask(alma)

    assert passwords.matches(kept_password(app, alma), PASSWORD)


def test_a_new_password_ends_all_sessions_and_opens_none(app, alma):
    a_sign_in(alma)

    resets.choose(ask(alma).token, password=NEW_PASSWORD, at=now())

    assert open_sessions(app, alma) == 0


@pytest.mark.asvs("6.4.3")
def test_a_new_password_leaves_the_second_factor_alone(app, alma):
    before = column(app, select(User.totp_confirmed_at).where(User.id == alma.id))

    resets.choose(ask(alma).token, password=NEW_PASSWORD, at=now())

    assert column(app, select(User.totp_confirmed_at).where(User.id == alma.id)) == before != [None]


@pytest.mark.parametrize("password", ["", "short", "password1234", "Alma Reyes 1984"])
def test_a_password_that_is_easily_guessed_is_refused_and_the_link_stays(alma, password):
    made = ask(alma)

    with pytest.raises(InvalidError) as refused:
        resets.choose(made.token, password=password, at=now())

    assert list(refused.value.errors) == ["password"]
    assert resets.choose(made.token, password=NEW_PASSWORD, at=now()).user.id == alma.id


def test_a_link_to_a_new_password_works_once(alma):
    made = ask(alma)
    resets.choose(made.token, password=NEW_PASSWORD, at=now())

    with pytest.raises(LinkError):
        resets.choose(made.token, password="another quiet heron wades", at=now())


def test_an_invitation_is_no_link_to_a_new_password(ada):
    made = invitations.invite(
        email="nils@clinic.example", name="Nils", roles=[Role.STAFF], clinic=ada.clinic, by=ada, at=now()
    )

    with pytest.raises(LinkError):
        resets.choose(made.token, password=NEW_PASSWORD, at=now())


@pytest.mark.parametrize("email", ["nobody@clinic.example", "", "%", "\x00", "\ud800"])
def test_an_address_that_is_nobodys_gets_no_link_and_leaves_no_row(app, email):
    assert resets.ask(email=email, at=now()) is None
    assert (count(app, OneTimeLink), count(app, RateCounter)) == (0, 0)


def test_somebody_invited_gets_no_link_to_a_new_password(ada):
    invitations.invite(
        email="nils@clinic.example", name="Nils", roles=[Role.STAFF], clinic=ada.clinic, by=ada, at=now()
    )

    assert resets.ask(email="nils@clinic.example", at=now()) is None


def test_somebody_disabled_gets_no_link(ada, alma):
    rights.disable(alma.id, by=ada, at=now())

    assert ask(alma) is None


def test_a_letter_that_looks_like_another_finds_the_person_but_never_another_mailbox(sten):
    """CVE-2019-19844: the mail goes to the address that is kept, whatever was typed."""
    made = resets.ask(email="\u017ften@clinic.example", at=now())

    assert made.user.email == sten.email == "sten@clinic.example"


def test_a_mailbox_gets_three_links_an_hour_at_most(alma, sten):
    start = now()

    assert [ask(alma, at=start + timedelta(minutes=n)) is not None for n in range(5)] == [True] * 3 + [False] * 2
    assert ask(sten, at=start) is not None
    assert ask(alma, at=start + timedelta(minutes=61)) is not None


def test_one_place_asks_only_so_often_whoever_it_asks_for():
    start = now()
    for _ in range(30):
        resets.count_asking(ip="192.0.2.1", at=start)

    with pytest.raises(TooManyError):
        resets.count_asking(ip="192.0.2.1", at=start)
    resets.count_asking(ip="192.0.2.2", at=start)
    resets.count_asking(ip="192.0.2.1", at=start + timedelta(minutes=61))


def test_the_addresses_of_one_network_ask_as_one():
    start = now()
    for last in range(30):
        resets.count_asking(ip=f"2001:db8::{last:x}", at=start)

    with pytest.raises(TooManyError):
        resets.count_asking(ip="2001:db8::ffff", at=start)
    resets.count_asking(ip="2001:db8:0:1::1", at=start)


@pytest.mark.asvs("6.4.6")
def test_an_administrator_can_have_a_link_sent_and_sets_no_password(app, ada, alma):
    made = resets.send(alma.id, by=ada, at=now())

    assert passwords.matches(kept_password(app, alma), PASSWORD)
    assert resets.whose(made.token, at=now()).id == alma.id
    assert actions(app, alma)[-1] == "password.reset_asked"


@pytest.mark.asvs("6.4.4", "6.5.6")
def test_an_administrator_removes_a_second_factor_and_with_it_what_is_open(app, ada, alma):
    a_sign_in(alma)

    user = resets.forget_second_factor(alma.id, by=ada, at=now()).user

    assert (user.totp_secret, user.totp_confirmed_at) == (None, None)
    assert open_sessions(app, alma) == 0
    assert passwords.matches(kept_password(app, alma), PASSWORD)
    assert actions(app, alma)[-1] == "factor.reset"


@pytest.mark.parametrize("why", ["password_reset", "factor_reset"])
def test_no_api_token_outlives_a_reset(app, ada, alma, sten, why):
    tokens, of_sten = [an_api_token(alma), an_api_token(alma)], an_api_token(sten)

    if why == "password_reset":
        done = resets.choose(ask(alma).token, password=NEW_PASSWORD, at=now())
    else:
        done = resets.forget_second_factor(alma.id, by=ada, at=now())

    told = select(AuditEvent.detail).where(AuditEvent.action == "token.revoked")
    assert [accounts.identify_token(token, at=now()) for token in tokens] == [None, None]
    assert accounts.identify_token(of_sten, at=now())
    assert done.tokens == 2
    assert column(app, told) == [why, why]


@pytest.mark.parametrize("step", [resets.send, resets.forget_second_factor])
def test_nobody_resets_their_own_account_as_an_administrator(ada, step):
    with pytest.raises(OwnAccountError):
        step(ada.id, by=ada, at=now())


@pytest.mark.parametrize("step", [resets.send, resets.forget_second_factor])
def test_people_of_another_clinic_are_not_to_be_found(ada, boris, step):
    with pytest.raises(NotFoundError):
        step(boris.id, by=ada, at=now())


def test_somebody_without_a_password_has_none_to_reset(ada):
    made = invitations.invite(
        email="nils@clinic.example", name="Nils", roles=[Role.STAFF], clinic=ada.clinic, by=ada, at=now()
    )

    with pytest.raises(ConflictError):
        resets.send(made.user.id, by=ada, at=now())
