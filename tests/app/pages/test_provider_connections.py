"""How one's account is connected with the one at the clinic's provider, by whom, and by nobody else."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.clock import now
from app.models import Action, AuditEvent, AuthSession, Role, User
from app.pages import later, provider_sign_in
from app.services import accounts, invitations, people
from tests.builders import a_sign_in
from tests.coming_in import at_the_provider, subject_of
from tests.conftest import PASSWORD
from tests.records import change, column, count


@pytest.mark.usefixtures("bare_door")
def test_somebody_signed_in_connects_the_two_and_is_told_by_mail(app, as_alma, alma, provider, mailbox):
    page = as_alma.get("/account").text
    assert 'href="/account/provider"' in page

    asked = as_alma.get(at_the_provider(as_alma, "", provider, leave="/account/provider"))

    assert "Is this your account?" in asked.text
    assert f"<bdi>{provider.address}</bdi>" in asked.text
    assert "alma@clinic.example" in asked.text
    assert subject_of(app, alma) is None

    answer = as_alma.post("/account/provider", follow_redirects=True)
    with app.app_context():
        later.wait()

    assert "Your account is connected." in answer.text
    assert subject_of(app, alma) == "alma-7"
    assert count(app, AuditEvent, AuditEvent.action == Action.PROVIDER_CONNECTED) == 1
    assert [(mail["To"], mail["Subject"]) for mail in mailbox.letters()] == [
        ("alma@clinic.example", "Your account on Holdwell was connected")
    ]


@pytest.mark.usefixtures("bare_door")
def test_nothing_is_connected_without_a_fresh_proof(app, as_alma, alma, provider):
    back = at_the_provider(as_alma, "", provider, leave="/account/provider")
    as_alma.get(back)
    change(app, update(AuthSession).values(proved_at=now() - timedelta(minutes=11)))

    for answer in (as_alma.get("/account/provider"), as_alma.post("/account/provider")):
        assert "Confirm that it is you" in as_alma.get(answer.location).text if answer.location else answer.text
    assert subject_of(app, alma) is None


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_connects_what_they_have_not_just_found(app, as_alma, alma, bare_door, method):
    answer = as_alma.post("/account/provider") if method == "post" else as_alma.get(f"{bare_door}/back?code=x&state=x")

    assert answer.status_code == 401
    assert subject_of(app, alma) is None


@pytest.mark.usefixtures("bare_door")
def test_what_one_found_never_connects_another_at_the_same_computer(app, as_alma, sten, provider):
    as_alma.get(at_the_provider(as_alma, "", provider, leave="/account/provider"))
    with app.app_context():
        token = a_sign_in(sten, at=now())
    as_alma.set_cookie(app.config["IDENTITY_COOKIE_NAME"], token)

    assert as_alma.post("/account/provider").status_code == 401
    assert subject_of(app, sten) is None


def test_who_left_to_connect_and_was_signed_out_is_not_signed_in_by_it(app, as_alma, door, provider):
    back = at_the_provider(as_alma, door, provider, leave="/account/provider")
    as_alma.delete_cookie(app.config["IDENTITY_COOKIE_NAME"])

    answer = as_alma.get(back)

    assert answer.status_code == 401
    assert "Alma Reyes" not in answer.text


@pytest.mark.usefixtures("bare_door")
def test_what_was_found_counts_for_ten_minutes(app, as_alma, alma, provider, monkeypatch):
    as_alma.get(at_the_provider(as_alma, "", provider, leave="/account/provider"))
    monkeypatch.setattr(provider_sign_in, "now", lambda: now() + timedelta(minutes=10))

    assert as_alma.post("/account/provider").status_code == 401
    assert subject_of(app, alma) is None


def test_a_clinic_without_a_provider_offers_nothing_to_connect(as_boris):
    assert "/account/provider" not in as_boris.get("/account").text
    assert "did not work" in as_boris.get("/account/provider", follow_redirects=True).text


@pytest.mark.usefixtures("door")
def test_somebody_disconnects_the_two(app, as_alma, alma):
    assert 'action="/account/provider/disconnect"' in as_alma.get("/account").text

    answer = as_alma.post("/account/provider/disconnect", follow_redirects=True)

    assert "Your account is disconnected." in answer.text
    assert subject_of(app, alma) is None


@pytest.mark.usefixtures("door")
def test_nobody_ever_disconnects_the_only_way_they_come_in(app, as_alma, alma):
    change(app, update(User).where(User.id == alma.id).values(password_hash=None))

    page, answer = as_alma.get("/account"), as_alma.post("/account/provider/disconnect")

    assert "/account/provider/disconnect" not in page.text
    assert answer.status_code == 409
    assert "you could not sign in any more" in answer.text
    assert subject_of(app, alma) == "alma-7"


@pytest.fixture
def invitation(app, ada) -> str:
    """The address of Nils's invitation."""
    with app.app_context():
        made = invitations.invite(
            email="nils@clinic.example", name="Nils New", roles=[Role.STAFF], clinic=ada.clinic, by=ada, at=now()
        )
    return f"/invitation/{made.token}"


@pytest.mark.usefixtures("bare_door")
def test_who_is_invited_joins_with_the_clinics_account(app, anonymous, provider, invitation):
    provider.claims |= {"sub": "nils-1", "email": "nils@clinic.example", "amr": ["mfa"]}
    assert f'href="{invitation}/provider"' in anonymous.get(invitation).text

    asked = anonymous.get(at_the_provider(anonymous, "", provider, leave=f"{invitation}/provider"))
    assert f'action="{invitation}/provider"' in asked.text
    assert count(app, AuthSession) == 0
    answer = anonymous.post(f"{invitation}/provider", follow_redirects=True)

    assert "Nils New" in answer.text
    assert anonymous.get(invitation).status_code == 410
    with app.app_context():
        assert subject_of(app, people.user_with_address("nils@clinic.example")) == "nils-1"


def test_without_a_provider_an_invitation_asks_for_a_password_only(anonymous, invitation):
    assert f"{invitation}/provider" not in anonymous.get(invitation).text
    assert anonymous.get(f"{invitation}/provider").status_code == 401
    assert anonymous.get("/invitation/iv_x/provider").status_code == 410


@pytest.mark.usefixtures("bare_door")
def test_what_was_found_for_one_invitation_never_opens_another(app, anonymous, ada, provider, invitation):
    anonymous.get(at_the_provider(anonymous, "", provider, leave=f"{invitation}/provider"))
    with app.app_context():
        other = invitations.invite(
            email="olga@clinic.example", name="Olga", roles=[Role.STAFF], clinic=ada.clinic, by=ada, at=now()
        )

    assert anonymous.post(f"/invitation/{other.token}/provider").status_code == 401
    assert subject_of(app, other.user) is None


def test_what_was_found_to_sign_in_never_connects_anything(app, as_sten, sten, bare_door, provider):
    as_sten.get(at_the_provider(as_sten, bare_door, provider))

    assert as_sten.post("/account/provider").status_code == 401
    assert subject_of(app, sten) is None


@pytest.fixture
def ada_without_password(app, ada) -> None:
    """Ada comes in by the provider only."""
    change(app, update(User).where(User.id == ada.id).values(password_hash=None, oidc_subject="ada-1"))


@pytest.mark.usefixtures("bare_door", "ada_without_password")
def test_an_administrator_who_comes_in_by_the_provider_chooses_a_password(app, as_ada, ada):
    assert "Choose a password" in as_ada.get("/account").text

    refused = as_ada.post("/account/password", data={"new": "short", "again": "short"})
    answer = as_ada.post("/account/password", data={"new": f"{PASSWORD} x", "again": f"{PASSWORD} x"})

    assert (refused.status_code, answer.status_code) == (422, 303)
    assert as_ada.get("/account").status_code == 200
    with app.app_context():
        assert accounts.sign_in(email=ada.email, password=f"{PASSWORD} x", at=now()).user.id == ada.id


@pytest.mark.usefixtures("bare_door", "ada_without_password")
def test_a_first_password_is_never_chosen_without_a_fresh_proof(app, as_ada, ada):
    change(app, update(AuthSession).values(proved_at=now() - timedelta(minutes=11)))

    as_ada.post("/account/password", data={"new": f"{PASSWORD} x", "again": f"{PASSWORD} x"})

    assert column(app, select(User.password_hash).where(User.id == ada.id)) == [None]


@pytest.mark.usefixtures("door")
def test_a_therapist_never_keeps_a_way_in_beside_the_provider(app, as_alma, alma):
    change(app, update(User).where(User.id == alma.id).values(password_hash=None))

    answer = as_alma.post("/account/password", data={"new": f"{PASSWORD} x", "again": f"{PASSWORD} x"})

    assert "You sign in without a password here" in answer.text
    assert column(app, select(User.password_hash).where(User.id == alma.id)) == [None]
