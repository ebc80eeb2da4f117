"""The form that sets the clinic's identity provider."""

import pytest
from sqlalchemy import update

from app.models import IdentityProvider, User
from app.services import addresses
from app.services.addresses import Reach
from tests.provider import CLIENT, SECRET
from tests.records import change, count

TYPED = {"issuer": "https://login.example.org", "client_id": CLIENT, "secret": SECRET}


def test_an_administrator_sets_the_provider(as_ada, ada):
    answer = as_ada.post("/clinic/provider", data=TYPED, follow_redirects=True)

    assert "https://login.example.org" in answer.text
    page = as_ada.get("/clinic/provider").text
    assert f"http://localhost/sign-in/at/{ada.clinic_id}/back" in page
    assert f"http://localhost/sign-in/at/{ada.clinic_id}<" in page


def test_the_secret_is_never_shown_again(as_ada):
    refused = as_ada.post("/clinic/provider", data=TYPED | {"issuer": "nowhere"})
    as_ada.post("/clinic/provider", data=TYPED)

    assert SECRET not in refused.text
    assert SECRET not in as_ada.get("/clinic/provider").text
    assert "nowhere" in refused.text


@pytest.mark.parametrize("field", ["issuer", "client_id", "secret"])
def test_a_provider_needs_all_three(app, as_ada, field):
    answer = as_ada.post("/clinic/provider", data=TYPED | {field: ""})

    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text
    assert count(app, IdentityProvider) == 0


def test_an_address_on_this_machine_is_taken_only_by_a_service_on_this_machine(as_ada):
    addresses.install(Reach())

    answer = as_ada.post("/clinic/provider", data=TYPED | {"issuer": "http://127.0.0.1:9000"})

    assert answer.status_code == 422
    assert "one of this very machine" in answer.text


def test_a_provider_can_be_removed(app, as_ada):
    as_ada.post("/clinic/provider", data=TYPED)

    answer = as_ada.post("/clinic/provider/remove", follow_redirects=True)

    assert "Identity provider removed." in answer.text
    assert count(app, IdentityProvider) == 0


@pytest.mark.parametrize(
    ("address", "anchor"), [("/clinic/provider", "issuer"), ("/clinic/provider/remove", "without")]
)
def test_a_clinic_is_never_left_without_a_way_in_and_is_told_the_way_out(app, as_ada, ada, address, anchor):
    as_ada.post("/clinic/provider", data=TYPED)
    change(app, update(User).where(User.id == ada.id).values(password_hash=None, oidc_subject="ada-1"))

    answer = as_ada.post(address, data=TYPED | {"issuer": "https://other.example.org"})

    assert answer.status_code == 409
    assert f'<a href="#{anchor}">Nobody could be sure to come in any more' in answer.text
    assert "Choose one under “Your account” first" in answer.text
    assert count(app, IdentityProvider, IdentityProvider.issuer == TYPED["issuer"]) == 1
