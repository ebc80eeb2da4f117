"""Coming in by a clinic's provider, without a browser."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.clock import now
from app.models import Action, AuditEvent, IdentityProvider, User
from app.services import provider_sign_in, providers
from app.services.accounts import SignedIn
from app.services.oidc import Attempt
from app.services.provider_sign_in import Found
from tests.builders import a_sign_in
from tests.provider import BACK, CLIENT, SECRET, Provider
from tests.records import column


def set_up(by: User, provider: Provider, **changes: Any) -> IdentityProvider:
    given = {"issuer": provider.address, "client_id": CLIENT, "client_secret": SECRET}
    return providers.change(**(given | changes), by=by, at=now())


def brought_back(provider: Provider, clinic_id: str) -> tuple[Attempt, dict[str, str]]:
    """An attempt, and what the browser brings back from the provider."""
    address, attempt = provider_sign_in.begin(clinic_id, back=BACK, at=now())
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    query = urlsplit(provider.agree(asked)).query
    return attempt, {name: values[0] for name, values in parse_qs(query).items()}


def found(provider: Provider, clinic_id: str) -> Found:
    """Whom the provider proves."""
    attempt, answer = brought_back(provider, clinic_id)
    return provider_sign_in.find(clinic_id, attempt, answer, back=BACK, at=now())


def signs_in(provider: Provider, clinic_id: str) -> SignedIn:
    """Whoever the provider says it is comes to the door."""
    return provider_sign_in.sign_in(clinic_id, found(provider, clinic_id), browser="Firefox", at=now())


def connected(provider: Provider, user: User) -> SignedIn:
    """Somebody who is signed in connects their account with the one that the provider proves."""
    token = a_sign_in(user, at=now())
    return provider_sign_in.connect(token, found(provider, user.clinic_id), at=now())


def details(app: Flask, action: Action) -> list[str | None]:
    return column(app, select(AuditEvent.detail).where(AuditEvent.action == action.value).order_by(AuditEvent.n))


def subject_of(app: Flask, user: User) -> str | None:
    subject: str | None = column(app, select(User.oidc_subject).where(User.id == user.id))[0]
    return subject


def at_the_provider(browser: FlaskClient, door: str, provider: Provider, leave: str = "", **query: str) -> str:
    """Go to the provider and sign in there; returns where it sends the browser."""
    answer = browser.get(leave or f"{door}/go", query_string=query)
    assert answer.status_code == 303, answer.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}
    return provider.agree(asked).removeprefix("http://localhost")
