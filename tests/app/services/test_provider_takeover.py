"""What a bad administrator, or a bad issuer, must never bring about; and how somebody who is invited joins."""

import pytest
from sqlalchemy import update

from app.clock import now
from app.errors import (
    AddressTakenError,
    ConflictError,
    LinkError,
    NotConnectedError,
    ProviderSignInError,
)
from app.models import Action, AuthSession, Role, SignInName, User
from app.services import invitations, people, provider_sign_in
from tests.builders import a_sign_in
from tests.coming_in import connected, details, found, set_up, signs_in, subject_of
from tests.provider import Provider
from tests.records import change, count

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture
def evil():
    """A provider of the administrator's own, which calls everybody Alma and says that a second factor was given."""
    one = Provider()
    one.claims |= {"amr": ["mfa"], "acr": "phr"}
    yield one
    one.close()


def is_refused(app, provider, clinic_id, error=ProviderSignInError) -> bool:
    before = count(app, AuthSession)
    with pytest.raises(ProviderSignInError) as refused:
        signs_in(provider, clinic_id)
    return type(refused.value) is error and count(app, AuthSession) == before


def an_invitation(ada, email="nils@clinic.example"):
    return invitations.invite(email=email, name="Nils New", roles=[Role.STAFF], clinic=ada.clinic, by=ada, at=now())


def joined(provider, ada, **claims):
    """Nils, who has no password and no second factor here."""
    made = an_invitation(ada)
    provider.claims |= {"sub": "nils-1", "email": made.user.email, "amr": ["mfa"]} | claims
    provider_sign_in.join(made.token, found(provider, ada.clinic_id), browser="", at=now())
    return people.user_with_address(made.user.email)


def test_an_issuer_of_the_administrators_own_never_comes_in_as_a_colleague(app, evil, ada, alma):
    set_up(ada, evil)

    assert is_refused(app, evil, ada.clinic_id, NotConnectedError)
    assert subject_of(app, alma) is None


@pytest.mark.asvs("10.5.2")
def test_another_issuer_never_comes_in_as_somebody_who_is_connected(app, provider, evil, ada, alma):
    set_up(ada, provider)
    connected(provider, alma)

    set_up(ada, evil)

    assert is_refused(app, evil, ada.clinic_id, NotConnectedError)


def test_another_issuer_never_comes_in_as_somebody_whom_only_the_old_one_let_in(app, provider, evil, ada):
    set_up(ada, provider)
    nils = joined(provider, ada)
    evil.claims |= {"sub": "nils-1", "email": nils.email}

    set_up(ada, evil)

    assert is_refused(app, evil, ada.clinic_id, NotConnectedError)
    assert subject_of(app, nils) is None


def test_an_invitation_that_is_only_open_never_lets_another_issuer_in(app, provider, evil, ada):
    set_up(ada, provider)
    nils = joined(provider, ada)
    evil.claims |= {"sub": "nils-1", "email": nils.email}
    set_up(ada, evil)

    invitations.invite_again(nils.id, by=ada, at=now())

    assert is_refused(app, evil, ada.clinic_id, NotConnectedError)
    assert subject_of(app, nils) is None


def test_an_issuer_that_comes_back_never_finds_the_old_connections(app, provider, evil, ada, alma):
    set_up(ada, provider)
    connected(provider, alma)

    set_up(ada, evil)
    set_up(ada, provider)

    assert is_refused(app, provider, ada.clinic_id, NotConnectedError)


def test_an_answer_that_was_kept_waiting_never_outlives_its_issuer(provider, evil, ada, alma):
    set_up(ada, evil)
    late = found(evil, ada.clinic_id)
    set_up(ada, provider)
    connected(provider, alma)

    with pytest.raises(ProviderSignInError):
        provider_sign_in.sign_in(ada.clinic_id, late, browser="", at=now())
    with pytest.raises(ProviderSignInError):
        provider_sign_in.connect(a_sign_in(alma, at=now()), late, at=now())
    with pytest.raises(ProviderSignInError):
        provider_sign_in.join(an_invitation(ada).token, late, browser="", at=now())


def test_what_an_issuer_says_of_a_second_factor_never_counts_for_who_has_not_connected(app, evil, ada):
    set_up(ada, evil)

    assert is_refused(app, evil, ada.clinic_id, NotConnectedError)
    assert details(app, Action.SIGNED_IN) == []


def test_a_link_alone_never_connects_who_has_a_second_factor_here(app, evil, ada, alma):
    change(app, update(User).where(User.id == alma.id).values(password_hash=None))
    set_up(ada, evil)
    made = invitations.invite_again(alma.id, by=ada, at=now())

    assert not provider_sign_in.may_join(alma)
    with pytest.raises(ConflictError, match="Choose a password with the link"):
        provider_sign_in.join(made.token, found(evil, ada.clinic_id), browser="", at=now())
    assert subject_of(app, alma) is None
    assert invitations.invited(made.token, at=now()).id == alma.id


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "alma@clinic.example", "email_verified": True},
        {"email": "alma@clinic.example", "email_verified": False},
        {"email": "nobody@clinic.example"},
        {"email": None},
        {"email": "boris@clinic.example"},
    ],
    ids=str,
)
def test_an_address_never_opens_anything(app, provider, ada, claims):
    set_up(ada, provider)
    provider.claims |= claims
    before = count(app, User)

    assert is_refused(app, provider, ada.clinic_id, NotConnectedError)
    assert count(app, User) == before


@pytest.mark.asvs("6.8.1")
def test_a_name_that_another_clinics_provider_gave_opens_nothing_here(app, provider, ada, boris):
    set_up(ada, provider)
    change(app, update(User).where(User.id == boris.id).values(oidc_subject="alma-7"))

    assert is_refused(app, provider, ada.clinic_id, NotConnectedError)


def test_who_is_invited_joins_with_the_link_and_the_account(app, provider, ada):
    set_up(ada, provider)
    nils = joined(provider, ada, email_verified=False)

    assert subject_of(app, nils) == "nils-1"
    assert signs_in(provider, ada.clinic_id).user.id == nils.id
    assert details(app, Action.INVITATION_ACCEPTED) == ["oidc"]


def test_a_second_factor_at_the_provider_counts_for_who_joins(provider, ada):
    set_up(ada, provider)
    made = an_invitation(ada)
    provider.claims |= {"sub": "nils-1", "amr": ["mfa"]}

    assert not provider_sign_in.join(
        made.token, found(provider, ada.clinic_id), browser="", at=now()
    ).needs_second_factor


def test_the_link_of_an_invitation_is_worthless_after_that(provider, ada):
    set_up(ada, provider)
    made = an_invitation(ada)
    provider.claims["sub"] = "nils-1"
    provider_sign_in.join(made.token, found(provider, ada.clinic_id), browser="", at=now())

    with pytest.raises(LinkError):
        provider_sign_in.join(made.token, found(provider, ada.clinic_id), browser="", at=now())


def test_who_had_no_password_joins_the_new_provider_with_a_new_link(app, provider, ada):
    set_up(ada, provider)
    nils = joined(provider, ada)
    set_up(ada, provider, issuer="https://login.example.org")
    set_up(ada, provider)

    again = invitations.invite_again(nils.id, by=ada, at=now())
    provider_sign_in.join(again.token, found(provider, ada.clinic_id), browser="", at=now())

    assert signs_in(provider, ada.clinic_id).user.id == nils.id
    assert details(app, Action.USER_INVITED) == [None, "again"]


def test_an_administrator_without_a_password_connects_the_new_provider_while_signed_in(app, provider, ada, sten):
    change(app, update(User).where(User.id == sten.id).values(roles_text="administrator"))
    set_up(ada, provider)
    token = connected(provider, ada).token
    change(app, update(User).where(User.id == ada.id).values(password_hash=None))
    set_up(ada, provider, issuer="https://login.example.org")
    set_up(ada, provider)

    provider_sign_in.connect(token, found(provider, ada.clinic_id), at=now())

    assert signs_in(provider, ada.clinic_id).user.id == ada.id
    assert people.user_with_address(ada.email) is not None


def test_an_address_that_opens_an_account_elsewhere_opens_none_here(app, provider, ada, boris):
    set_up(ada, provider)
    made = an_invitation(ada, email=boris.email)

    with pytest.raises(AddressTakenError):
        provider_sign_in.join(made.token, found(provider, ada.clinic_id), browser="", at=now())
    assert subject_of(app, made.user) is None
    assert count(app, SignInName, SignInName.user_id == made.user.id) == 0
