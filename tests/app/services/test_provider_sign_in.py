"""Who may come in by a clinic's provider: nobody who has not connected the two themselves."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.clock import now
from app.errors import (
    ConflictError,
    NotConnectedError,
    NotSignedInError,
    ProviderSignInError,
    TooManyError,
)
from app.models import Action, AuthSession, User
from app.services import accounts, provider_sign_in, rights, throttle
from tests.builders import a_sign_in
from tests.coming_in import brought_back, connected, details, found, set_up, signs_in, subject_of
from tests.conftest import PASSWORD
from tests.provider import BACK
from tests.records import change, count

STRANGER_CLINIC = "00000000-0000-4000-8000-000000000000"

pytestmark = pytest.mark.usefixtures("app_context")


def is_refused(app, provider, clinic_id, error=ProviderSignInError) -> bool:
    before = count(app, AuthSession)
    with pytest.raises(ProviderSignInError) as refused:
        signs_in(provider, clinic_id)
    return type(refused.value) is error and count(app, AuthSession) == before


def test_who_has_connected_the_two_comes_in(app, provider, ada, alma):
    set_up(ada, provider)
    connected(provider, alma)

    assert signs_in(provider, ada.clinic_id).user.id == alma.id
    assert details(app, Action.PROVIDER_CONNECTED) == [None]


def test_from_then_on_the_providers_name_for_them_counts_and_no_address(provider, ada, alma):
    set_up(ada, provider)
    connected(provider, alma)
    provider.claims |= {"email": "married@elsewhere.example", "email_verified": False}

    assert signs_in(provider, ada.clinic_id).user.id == alma.id


def test_our_own_second_factor_is_asked_for(provider, ada, alma):
    set_up(ada, provider)
    connected(provider, alma)

    assert signs_in(provider, ada.clinic_id).needs_second_factor


def test_a_second_factor_that_the_provider_asked_for_is_enough(app, provider, ada, alma):
    set_up(ada, provider)
    connected(provider, alma)
    provider.claims["amr"] = ["pwd", "mfa"]

    assert not signs_in(provider, ada.clinic_id).needs_second_factor
    assert details(app, Action.SIGNED_IN) == ["totp", "oidc"]


def test_to_connect_ends_every_other_session_and_renews_this_one(provider, ada, alma):
    set_up(ada, provider)
    elsewhere, here = (a_sign_in(alma, at=now()) for _ in range(2))

    renewed = provider_sign_in.connect(here, found(provider, ada.clinic_id), at=now()).token

    assert [accounts.identify(one, at=now()) is not None for one in (elsewhere, here, renewed)] == [False, False, True]


def test_half_a_session_never_connects_anything(app, provider, ada, alma):
    set_up(ada, provider)
    half = accounts.sign_in(email=alma.email, password=PASSWORD, at=now())
    assert half.needs_second_factor

    with pytest.raises(NotSignedInError):
        provider_sign_in.connect(half.token, found(provider, ada.clinic_id), at=now())
    assert subject_of(app, alma) is None


def test_one_account_at_the_provider_is_never_connected_to_two_people(app, provider, ada, alma, sten):
    set_up(ada, provider)
    connected(provider, alma)

    with pytest.raises(ConflictError, match="somebody else here"):
        connected(provider, sten)
    assert (subject_of(app, alma), subject_of(app, sten)) == ("alma-7", None)


def test_who_disconnects_comes_in_with_the_password_only(app, provider, ada, alma):
    set_up(ada, provider)
    here = connected(provider, alma).token
    other = a_sign_in(alma, at=now())

    token = provider_sign_in.disconnect(here, at=now()).token

    assert is_refused(app, provider, ada.clinic_id, NotConnectedError)
    assert [accounts.identify(one, at=now()) is not None for one in (other, here, token)] == [False, False, True]
    assert details(app, Action.PROVIDER_DISCONNECTED) == [None]


def test_nobody_ever_disconnects_the_only_way_they_come_in(app, provider, ada, alma):
    set_up(ada, provider)
    here = connected(provider, alma).token
    change(app, update(User).where(User.id == alma.id).values(password_hash=None))

    with pytest.raises(ConflictError, match="no password here"):
        provider_sign_in.disconnect(here, at=now())
    assert subject_of(app, alma) == "alma-7"


def test_who_is_disabled_stays_out(app, provider, ada, alma):
    set_up(ada, provider)
    connected(provider, alma)
    rights.disable(alma.id, by=ada, at=now())

    assert is_refused(app, provider, ada.clinic_id)
    assert details(app, Action.SIGN_IN_REFUSED) == ["oidc"]


def test_an_answer_that_is_brought_back_twice_opens_nothing_the_second_time(provider, ada):
    set_up(ada, provider)
    attempt, answer = brought_back(provider, ada.clinic_id)
    provider_sign_in.find(ada.clinic_id, attempt, answer, back=BACK, at=now())
    asked = len(provider.asked)

    with pytest.raises(ProviderSignInError):
        provider_sign_in.find(ada.clinic_id, attempt, answer, back=BACK, at=now() + timedelta(minutes=1))
    assert len(provider.asked) == asked


@pytest.mark.parametrize("clinic_id", [STRANGER_CLINIC, "riverside", "", "' OR 1=1", "\x00", "x" * 5000])
def test_a_clinic_that_is_not_there_answers_as_a_provider_that_is_down(provider, ada, clinic_id):
    set_up(ada, provider)
    provider.close()

    sentences = []
    for one in (clinic_id, ada.clinic_id):
        with pytest.raises(ProviderSignInError) as refused:
            provider_sign_in.begin(one, back=BACK, at=now())
        sentences.append(str(refused.value))

    assert sentences[0] == sentences[1]


def test_a_clinic_without_a_provider_answers_the_same(boris):
    with pytest.raises(ProviderSignInError):
        provider_sign_in.begin(boris.clinic_id, back=BACK, at=now())


def spent(clinic_id) -> int:
    """How many leave for the provider before one is refused."""
    for number in range(9):
        try:
            provider_sign_in.begin(clinic_id, back=BACK, at=now())
        except TooManyError:
            return number
        except ProviderSignInError:
            continue
    raise AssertionError("Nobody was refused.")


def few(monkeypatch, limit: str) -> None:
    monkeypatch.setattr(throttle, limit, type(getattr(throttle, limit))(3, 15, limit))


def test_a_stranger_never_makes_us_ask_a_provider_without_end(provider, ada, monkeypatch):
    set_up(ada, provider)
    few(monkeypatch, "PROVIDER_PLACES")

    assert spent(ada.clinic_id) == 3
    assert len(provider.asked) == 3


@pytest.mark.parametrize("clinic_id", [None, STRANGER_CLINIC], ids=["clinic", "none"])
def test_many_strangers_never_make_us_ask_one_clinics_provider_without_end(provider, ada, monkeypatch, clinic_id):
    set_up(ada, provider)
    few(monkeypatch, "PROVIDER_CLINICS")

    assert spent(clinic_id or ada.clinic_id) == 3
    assert len(provider.asked) == (0 if clinic_id else 3)


def test_a_flood_at_one_clinics_door_never_closes_anothers(provider, ada, bea, monkeypatch):
    set_up(ada, provider)
    set_up(bea, provider)
    few(monkeypatch, "PROVIDER_CLINICS")

    spent(ada.clinic_id)

    assert provider_sign_in.begin(bea.clinic_id, back=BACK, at=now())


def test_what_is_brought_back_is_counted_as_well(provider, ada, monkeypatch):
    set_up(ada, provider)
    few(monkeypatch, "PROVIDER_CLINICS")
    carried = [brought_back(provider, ada.clinic_id) for _ in range(2)]
    asked = len(provider.asked)

    provider_sign_in.find(ada.clinic_id, *carried[0], back=BACK, at=now())
    with pytest.raises(TooManyError):
        provider_sign_in.find(ada.clinic_id, *carried[1], back=BACK, at=now())

    assert len(provider.asked) == asked + 3
