"""Who sets the clinic's provider, and what must not come of it."""

import pytest
from sqlalchemy import select, update

from app.clock import now
from app.errors import ConflictError, InvalidError, NotConnectedError, NotFoundError
from app.models import Action, AuthSession, IdentityProvider, Role, User
from app.services import accounts, invitations, people, providers, rights
from tests.coming_in import connected, details, set_up, signs_in, subject_of
from tests.provider import SECRET
from tests.records import change, column, count

pytestmark = pytest.mark.usefixtures("app_context")

ELSEWHERE = "https://login.example.org"


def without_password(app, *users):
    change(app, update(User).where(User.id.in_([user.id for user in users])).values(password_hash=None))


def is_set_to(by, issuer: str | None) -> bool:
    row = providers.of_clinic(by=by)
    return (row.issuer if row else None) == issuer


def test_a_secret_is_sealed(app, provider, ada):
    set_up(ada, provider)

    assert SECRET.encode() not in column(app, select(IdentityProvider.__table__.c.client_secret))[0]


def test_an_empty_secret_keeps_the_one_that_is_there(provider, ada):
    set_up(ada, provider)

    row = set_up(ada, provider, client_id="another", client_secret="")

    assert (row.client_id, row.client_secret) == ("another", SECRET)


def test_with_another_issuer_nobody_is_known_any_more(app, provider, ada, alma, boris):
    set_up(ada, provider)
    connected(provider, alma)
    change(app, update(User).where(User.id == boris.id).values(oidc_subject="boris-1"))

    set_up(ada, provider, issuer=ELSEWHERE)

    assert (subject_of(app, alma), subject_of(app, boris)) == (None, "boris-1")


def test_with_another_issuer_what_rests_on_the_old_one_ends(app, provider, ada, alma):
    set_up(ada, provider)
    connected(provider, alma)
    signs_in(provider, ada.clinic_id)

    set_up(ada, provider, issuer=ELSEWHERE)

    assert count(app, AuthSession, AuthSession.revoked_at.is_(None)) == 0


def test_with_another_issuer_whoever_changed_it_stays_signed_in(app, provider, ada):
    set_up(ada, provider)
    connected(provider, ada)

    set_up(ada, provider, issuer=ELSEWHERE)

    assert count(app, AuthSession, AuthSession.revoked_at.is_(None)) == 1
    assert subject_of(app, ada) is None


def test_a_new_secret_leaves_everybody_known(app, provider, ada, alma):
    set_up(ada, provider)
    connected(provider, alma)

    set_up(ada, provider, client_secret="newer")

    assert subject_of(app, alma) == "alma-7"


def test_a_removed_provider_lets_nobody_in(app, provider, ada, alma):
    set_up(ada, provider)
    connected(provider, alma)

    providers.remove(by=ada, at=now())

    assert subject_of(app, alma) is None
    assert details(app, Action.PROVIDER_CHANGED) == ["set", "removed"]


def test_who_had_no_password_can_be_invited_again_when_the_provider_is_gone(app, provider, ada, alma):
    set_up(ada, provider)
    connected(provider, alma)
    without_password(app, alma)
    providers.remove(by=ada, at=now())
    assert people.user_with_address(alma.email) is None

    again = invitations.invite_again(alma.id, by=ada, at=now())
    invitations.accept(again.token, password="a sentence that nobody would guess", at=now())

    assert people.user_with_address(alma.email) is not None


def test_a_clinic_is_never_left_without_a_way_in_when_its_provider_goes(app, provider, ada):
    set_up(ada, provider)
    connected(provider, ada)
    without_password(app, ada)

    with pytest.raises(ConflictError, match="Choose one under “Your account” first"):
        providers.remove(by=ada, at=now())
    assert is_set_to(ada, provider.address)
    assert subject_of(app, ada) == "alma-7"


@pytest.mark.parametrize("changes", [{"issuer": ELSEWHERE}, {"client_id": "another"}, {"client_secret": "another"}])
def test_a_clinic_is_never_left_without_a_way_in_when_its_provider_changes(app, provider, ada, changes):
    set_up(ada, provider)
    connected(provider, ada)
    without_password(app, ada)

    with pytest.raises(ConflictError, match="no administrator of your clinic has a password"):
        set_up(ada, provider, **changes)
    assert is_set_to(ada, provider.address)


@pytest.mark.parametrize("who", ["a therapist", "somebody disabled", "somebody of another clinic"])
def test_nobody_but_an_administrator_who_comes_in_is_another_way_in(app, provider, ada, sten, who):
    roles = {"a therapist": "staff,therapist"}.get(who, "administrator")
    disabled_at = now() if who == "somebody disabled" else None
    change(app, update(User).where(User.id == sten.id).values(roles_text=roles, disabled_at=disabled_at))
    set_up(ada, provider)
    without_password(app, ada, *([sten] if who == "somebody of another clinic" else []))

    assert not providers.has_another_way_in(ada.clinic_id)
    with pytest.raises(ConflictError):
        providers.remove(by=ada, at=now())


def test_one_administrator_with_a_password_is_enough(app, provider, ada, sten):
    change(app, update(User).where(User.id == sten.id).values(roles_text="administrator,staff"))
    set_up(ada, provider)
    without_password(app, ada)

    providers.remove(by=ada, at=now())

    assert is_set_to(ada, None)


def test_who_could_not_come_in_again_never_shuts_out_who_can(app, provider, ada, sten):
    change(app, update(User).where(User.id == sten.id).values(roles_text="administrator"))
    set_up(ada, provider)
    connected(provider, ada)
    without_password(app, ada)
    providers.remove(by=ada, at=now())

    for act in (
        lambda: rights.disable(sten.id, by=ada, at=now()),
        lambda: rights.set_roles(sten.id, roles=[Role.STAFF], by=ada, at=now()),
    ):
        with pytest.raises(ConflictError, match="You could not sign in again yourself"):
            act()
    assert providers.has_another_way_in(ada.clinic_id)


def test_the_command_line_may_leave_a_clinic_without_a_way_in(app, provider, ada):
    set_up(ada, provider)
    without_password(app, ada)

    providers.remove(by=ada, at=now(), may_lock_out=True)

    assert is_set_to(ada, None)


def test_who_is_forgotten_is_not_known_any_more(app, provider, ada, alma):
    set_up(ada, provider)
    connected(provider, alma)

    providers.forget(alma, at=now())

    with pytest.raises(NotConnectedError):
        signs_in(provider, ada.clinic_id)
    assert accounts.sessions_of(alma, at=now()) == []
    assert details(app, Action.PROVIDER_DISCONNECTED) == ["forgotten"]


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
        ("issuer", {"issuer": "https://169.254.169.254/latest"}),
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
