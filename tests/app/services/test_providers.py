"""Who may come in by a clinic's provider, and who sets it."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from app.clock import now
from app.errors import InvalidError, LinkError, NotFoundError, ProviderSignInError
from app.models import Action, AuditEvent, AuthSession, IdentityProvider, Role, SignInName, User
from app.services import invitations, people, providers, rights
from app.services.accounts import SignedIn
from tests.provider import BACK, CLIENT, SECRET
from tests.records import change, column, count

STRANGER_CLINIC = "00000000-0000-4000-8000-000000000000"

pytestmark = pytest.mark.usefixtures("app_context")


def set_up(by, provider, **changes):
    given = {"issuer": provider.address, "client_id": CLIENT, "client_secret": SECRET}
    return providers.change(**(given | changes), by=by, at=now())


def brought_back(provider, clinic_id):
    address, attempt = providers.begin(clinic_id, back=BACK)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    query = urlsplit(provider.agree(asked)).query
    return attempt, {name: values[0] for name, values in parse_qs(query).items()}


def signs_in(provider, clinic_id) -> SignedIn:
    attempt, answer = brought_back(provider, clinic_id)
    return providers.finish(clinic_id, attempt, answer, back=BACK, browser="Firefox", at=now())


def is_refused(app, provider, clinic_id) -> bool:
    before = count(app, AuthSession)
    with pytest.raises(ProviderSignInError):
        signs_in(provider, clinic_id)
    return count(app, AuthSession) == before


def details(app, action: Action) -> list[str]:
    return column(app, select(AuditEvent.detail).where(AuditEvent.action == action.value).order_by(AuditEvent.n))


def subject_of(app, user) -> str | None:
    return column(app, select(User.oidc_subject).where(User.id == user.id))[0]


def test_somebody_of_the_clinic_comes_in_by_their_verified_address(app, provider, ada, alma):
    set_up(ada, provider)

    assert signs_in(provider, ada.clinic_id).user.id == alma.id
    assert subject_of(app, alma) == "alma-7"


def test_from_then_on_they_are_known_by_the_providers_name_for_them(provider, ada, alma):
    set_up(ada, provider)
    signs_in(provider, ada.clinic_id)
    provider.claims |= {"email": "married@elsewhere.example", "email_verified": False}

    assert signs_in(provider, ada.clinic_id).user.id == alma.id


def test_our_own_second_factor_is_asked_for(provider, ada):
    set_up(ada, provider)

    assert signs_in(provider, ada.clinic_id).needs_second_factor


def test_a_second_factor_that_the_provider_asked_for_is_enough(app, provider, ada):
    set_up(ada, provider)
    provider.claims["amr"] = ["pwd", "mfa"]

    assert not signs_in(provider, ada.clinic_id).needs_second_factor
    assert details(app, Action.SIGNED_IN) == ["oidc"]


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email": "nobody@clinic.example"},
        {"email": None},
        {"email": "boris@clinic.example"},
    ],
    ids=str,
)
def test_nobody_else_comes_in(app, provider, ada, claims):
    set_up(ada, provider)
    provider.claims |= claims
    before = count(app, User)

    assert is_refused(app, provider, ada.clinic_id)
    assert count(app, User) == before


@pytest.mark.asvs("6.8.1")
def test_a_name_that_another_clinics_provider_gave_opens_nothing_here(app, provider, ada, boris):
    set_up(ada, provider)
    change(app, update(User).where(User.id == boris.id).values(oidc_subject="alma-7"))
    provider.claims["email"] = "nobody@clinic.example"

    assert is_refused(app, provider, ada.clinic_id)


@pytest.mark.asvs("10.5.2")
def test_an_account_that_is_known_by_one_name_is_not_taken_over_by_another(app, provider, ada, alma):
    set_up(ada, provider)
    signs_in(provider, ada.clinic_id)
    provider.claims["sub"] = "somebody-9"

    assert is_refused(app, provider, ada.clinic_id)
    assert subject_of(app, alma) == "alma-7"


def test_who_is_disabled_stays_out(app, provider, ada, alma):
    set_up(ada, provider)
    signs_in(provider, ada.clinic_id)
    rights.disable(alma.id, by=ada, at=now())

    assert is_refused(app, provider, ada.clinic_id)
    assert details(app, Action.SIGN_IN_REFUSED) == ["oidc"]


def test_who_is_disabled_is_not_recognised_either(app, provider, ada, alma):
    set_up(ada, provider)
    rights.disable(alma.id, by=ada, at=now())

    assert is_refused(app, provider, ada.clinic_id)
    assert subject_of(app, alma) is None


def an_invitation(ada, email="alma.new@clinic.example"):
    return invitations.invite(email=email, name="Nils New", roles=[Role.STAFF], clinic=ada.clinic, by=ada, at=now())


def test_who_is_invited_joins_by_signing_in(app, provider, ada):
    set_up(ada, provider)
    made = an_invitation(ada)
    provider.claims |= {"sub": "nils-1", "email": made.user.email}

    signs_in(provider, ada.clinic_id)

    found = people.user_with_address(made.user.email)
    assert found is not None
    assert found.id == made.user.id
    assert details(app, Action.INVITATION_ACCEPTED) == ["oidc"]


def test_the_link_of_an_invitation_is_worthless_after_that(provider, ada):
    set_up(ada, provider)
    made = an_invitation(ada)
    provider.claims |= {"sub": "nils-1", "email": made.user.email}
    signs_in(provider, ada.clinic_id)

    with pytest.raises(LinkError):
        invitations.invited(made.token, at=now())


def test_an_address_that_opens_an_account_elsewhere_opens_none_here(app, provider, ada, boris):
    set_up(ada, provider)
    made = an_invitation(ada, email=boris.email)
    provider.claims |= {"sub": "boris-1", "email": boris.email}

    assert is_refused(app, provider, ada.clinic_id)
    assert subject_of(app, made.user) is None
    assert count(app, SignInName, SignInName.user_id == made.user.id) == 0


def test_an_answer_that_is_brought_back_twice_opens_nothing_the_second_time(provider, ada):
    set_up(ada, provider)
    attempt, answer = brought_back(provider, ada.clinic_id)
    providers.finish(ada.clinic_id, attempt, answer, back=BACK, browser="", at=now())
    asked = len(provider.asked)

    with pytest.raises(ProviderSignInError):
        providers.finish(ada.clinic_id, attempt, answer, back=BACK, browser="", at=now() + timedelta(minutes=1))
    assert len(provider.asked) == asked


@pytest.mark.parametrize("clinic_id", [STRANGER_CLINIC, "riverside", "", "' OR 1=1", "\x00", "x" * 5000])
def test_a_clinic_that_is_not_there_answers_as_a_provider_that_is_down(provider, ada, clinic_id):
    set_up(ada, provider)
    provider.close()

    sentences = []
    for one in (clinic_id, ada.clinic_id):
        with pytest.raises(ProviderSignInError) as refused:
            providers.begin(one, back=BACK)
        sentences.append(str(refused.value))

    assert sentences[0] == sentences[1]


def test_a_clinic_without_a_provider_answers_the_same(boris):
    with pytest.raises(ProviderSignInError):
        providers.begin(boris.clinic_id, back=BACK)


def test_a_secret_is_sealed(app, provider, ada):
    set_up(ada, provider)

    assert SECRET.encode() not in column(app, select(IdentityProvider.__table__.c.client_secret))[0]


def test_an_empty_secret_keeps_the_one_that_is_there(provider, ada):
    set_up(ada, provider)

    row = set_up(ada, provider, client_id="another", client_secret="")

    assert (row.client_id, row.client_secret) == ("another", SECRET)


def test_with_another_issuer_nobody_is_known_any_more(app, provider, ada, alma, boris):
    set_up(ada, provider)
    signs_in(provider, ada.clinic_id)
    change(app, update(User).where(User.id == boris.id).values(oidc_subject="boris-1"))

    set_up(ada, provider, issuer="https://login.example.org")

    assert (subject_of(app, alma), subject_of(app, boris)) == (None, "boris-1")


def test_with_another_issuer_what_rests_on_the_old_one_ends(app, provider, ada):
    set_up(ada, provider)
    signs_in(provider, ada.clinic_id)

    set_up(ada, provider, issuer="https://login.example.org")

    assert count(app, AuthSession, AuthSession.revoked_at.is_(None)) == 0


def test_who_had_no_password_can_be_invited_again_when_the_provider_is_gone(provider, ada):
    set_up(ada, provider)
    made = an_invitation(ada)
    provider.claims |= {"sub": "nils-1", "email": made.user.email}
    signs_in(provider, ada.clinic_id)
    providers.remove(by=ada, at=now())

    again = invitations.invite_again(made.user.id, by=ada, at=now())
    invitations.accept(again.token, password="a sentence that nobody would guess", at=now())

    assert people.user_with_address(made.user.email) is not None


def test_a_new_secret_leaves_everybody_known(app, provider, ada, alma):
    set_up(ada, provider)
    signs_in(provider, ada.clinic_id)

    set_up(ada, provider, client_secret="newer")

    assert subject_of(app, alma) == "alma-7"


def test_a_removed_provider_lets_nobody_in(app, provider, ada, alma):
    set_up(ada, provider)
    signs_in(provider, ada.clinic_id)

    providers.remove(by=ada, at=now())

    assert is_refused(app, provider, ada.clinic_id)
    assert subject_of(app, alma) is None
    assert details(app, Action.PROVIDER_CHANGED) == ["set", "removed"]


def test_a_provider_is_the_clinics_own(provider, ada, bea):
    set_up(ada, provider)

    assert providers.of_clinic(by=bea) is None
    with pytest.raises(NotFoundError):
        providers.remove(by=bea, at=now())


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("issuer", {"issuer": "http://login.example.org"}),
        ("issuer", {"issuer": ""}),
        ("issuer", {"issuer": "https://" + "x" * 300 + ".example.org"}),
        ("issuer", {"issuer": "https://127.0.0.2"}),
        ("client_id", {"client_id": ""}),
        ("client_id", {"client_id": "x" * 201}),
        ("client_id", {"client_id": "a\u202eb"}),
        ("client_secret", {"client_secret": ""}),
        ("client_secret", {"client_secret": "x" * 501}),
    ],
)
def test_what_no_provider_could_be_is_refused_by_field(app, provider, ada, field, changes):
    with pytest.raises(InvalidError) as refused:
        set_up(ada, provider, **changes)

    assert list(refused.value.errors) == [field]
    assert count(app, IdentityProvider) == 0
