"""By what is signed whatever a browser carries for us."""

import hashlib
import re
from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import Signer
from sqlalchemy import update

from app.clock import now
from app.models import AuthSession
from tests.conftest import PASSWORD
from tests.records import change

FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}
PATIENT = {"name": "Nora Lindqvist", "identifier": "N-1"}


def run_out(app):
    change(app, update(AuthSession).values(last_seen_at=now() - timedelta(minutes=16)))


def field(answer, name):
    return re.search(rf'<input type="hidden" name="{name}" value="([^"]+)">', answer.text)[1]


def carried(app, browser):
    """All that is signed: in the form cookie an attempt at a provider's door would lie as well."""
    found = {"form token": field(browser.get("/patients"), "csrf_token")}
    found["secret of a new app"] = field(browser.get("/account/app"), "secret")
    found["form cookie"] = browser.get_cookie(app.config["SESSION_COOKIE_NAME"]).value
    run_out(app)
    found["kept form"] = field(browser.post("/patients/new", data=PATIENT, headers=FROM_OUR_PAGE), "kept")
    return found


def octets(signed):
    """Of the signature, which stands last."""
    signature = signed.rpartition(".")[2]
    return len(urlsafe_b64decode(signature + "=" * (-len(signature) % 4)))


@pytest.mark.asvs("11.2.3", "11.4.1")
def test_what_a_browser_carries_is_signed_by_a_hash_of_256_bits(app, as_alma):
    assert {name: octets(signed) for name, signed in carried(app, as_alma).items()} == {
        "form token": 32,
        "secret of a new app": 32,
        "form cookie": 32,
        "kept form": 32,
    }


@pytest.mark.asvs("11.4.1")
def test_what_was_signed_in_the_old_way_brings_the_form_back_with_a_sentence(app, as_alma, monkeypatch):
    monkeypatch.setattr(Signer, "default_digest_method", staticmethod(hashlib.sha1))
    monkeypatch.setattr(app, "session_interface", SecureCookieSessionInterface())
    token = field(as_alma.get("/patients/new"), "csrf_token")
    secret = field(as_alma.get("/account/app"), "secret")
    assert octets(as_alma.get_cookie(app.config["SESSION_COOKIE_NAME"]).value) == octets(token) == octets(secret) == 20
    monkeypatch.undo()

    form = as_alma.post("/patients/new", data=PATIENT | {"csrf_token": token}, headers=FROM_OUR_PAGE, forged=True)
    app_page = as_alma.post("/account/app", data={"secret": secret, "code": "123456"})

    assert form.status_code == 400
    assert "This page was open for too long." in form.text
    assert 'name="name" value="Nora Lindqvist"' in form.text
    assert app_page.status_code == 422


@pytest.mark.asvs("11.4.1")
def test_a_form_that_was_kept_in_the_old_way_is_not_sent(app, as_alma, monkeypatch):
    monkeypatch.setattr(Signer, "default_digest_method", staticmethod(hashlib.sha1))
    kept = carried(app, as_alma)["kept form"]
    assert octets(kept) == 20
    monkeypatch.undo()

    form = {"email": "alma@clinic.example", "password": PASSWORD, "next": "", "kept": kept}
    step = as_alma.post("/sign-in", data=form)

    assert (step.status_code, step.location) == (303, "/sign-in/second-factor")
