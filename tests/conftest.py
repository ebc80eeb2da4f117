"""The clinic under test: a migrated database for each test, and a cast that knows one another."""

import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import create_app, equip
from app.clock import now
from app.config import Config
from app.database import db, unit_of_work
from app.keyring import KEY_LENGTH, PURPOSES, Keyring
from app.models import Role, User
from app.services import audit, people
from prescriptions.brand import Brand
from tests.browsing import Browser
from tests.builders import a_sign_in
from tests.databases import SERVER, Copies, copies_of, owners
from tests.watching import elsewhere


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-handouts", action="store_true", help="validate each kind of handout with each note")


SECRET = "not-a-secret-but-long-enough-for-tests"
PASSWORD = "correct horse battery"

RIVERSIDE = Brand(clinic_name="Riverside Physiotherapy", phone="020 7946 0001", hours="Weekdays, 8:00 to 18:00")
LAKESIDE = Brand(clinic_name="Lakeside Rehabilitation", phone="020 7946 0002", paper="letter")
CAST = {
    "alma": ("Alma Reyes", Role.THERAPIST, RIVERSIDE),
    "sten": ("Sten Dahl", Role.STAFF, RIVERSIDE),
    "ada": ("Ada Brook", Role.ADMINISTRATOR, RIVERSIDE),
    "ines": ("Ines Faro", Role.AUDITOR, RIVERSIDE),
    "boris": ("Boris Lang", Role.THERAPIST, LAKESIDE),
    "bea": ("Bea Holt", Role.ADMINISTRATOR, LAKESIDE),
}
"""Alma prescribes, Sten helps, Ada administers, Ines looks on. Boris and Bea work elsewhere and must see nothing."""
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""What the authenticator app of everybody in the cast knows."""
KEYRING = Keyring({purpose: {1: purpose.encode().ljust(KEY_LENGTH, b"-")} for purpose in PURPOSES})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None]:
    """A test that reached beyond this machine fails, whatever became of it."""
    yield
    assert elsewhere() == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None]:
    """What cleans up after it stays here as well."""
    yield
    assert elsewhere() == []


def config_for(url: str, **changes: Any) -> Config:
    anchor = Path(tempfile.gettempdir()) / f"holdwell-anchor-{os.getpid()}.jsonl"
    given = {"keyring": KEYRING, "audit_anchor": anchor, "base_url": "http://localhost", "secure_cookies": False}
    given |= {"database_url": url, "owner_database_url": owners(url) if SERVER else ""}
    return Config(secret_key=SECRET, **(given | changes))


def hang_up() -> None:
    """Close every connection of the application at hand."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


def engage_the_cast(url: str) -> None:
    app = create_app(config_for(url))
    with app.app_context():
        clinics = {brand.clinic_name: people.add_clinic(brand=brand, at=now()) for brand in (RIVERSIDE, LAKESIDE)}
        for first, (name, role, brand) in CAST.items():
            clinic = clinics[brand.clinic_name]
            address = f"{first}@clinic.example"
            people.add_user(clinic=clinic, email=address, name=name, roles=[role], password=PASSWORD, at=now())
            with unit_of_work(clinic.id) as session:
                user = session.scalars(select(User).where(User.email == address)).one()
                user.totp_secret, user.totp_confirmed_at = TOTP_SECRET, now()
        hang_up()


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Copies]:
    """One database is migrated for the whole run; each test gets a copy of it."""
    yield from copies_of(tmp_path_factory.mktemp("databases"), worker_id, engage_the_cast)


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """Which of several test processes this is."""
    return getattr(request.config, "workerinput", {}).get("workerid", "alone")


@pytest.fixture
def url(copies: Copies) -> Iterator[str]:
    """The address of a database of the test's own."""
    yield copies.make("test")
    copies.drop("test")


@pytest.fixture(scope="session")
def applications() -> dict[str, Flask]:
    """The one application of this run, by its database: making one for each test would take half of the time."""
    return {}


@pytest.fixture
def app(url: str, tmp_path: Path, applications: dict[str, Flask], request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application on that database. What a test plants in it is gone after the test.

    A test that plants more than views and settings in it is marked ``own_app``.
    """
    config = config_for(url, audit_anchor=tmp_path / "audit-anchor.jsonl")
    if request.node.get_closest_marker("own_app"):
        app = create_app(config)
    else:
        app = applications.get(url) or applications.setdefault(url, create_app(config))
        equip(config)
    app.test_client_class = Browser
    audit.origin.set(audit.COMMAND_LINE)  # a request of an earlier test was the last to say
    with as_it_was(app):
        yield app
        with app.app_context():
            hang_up()


@contextmanager
def as_it_was(app: Flask) -> Iterator[None]:
    """Put views and settings back."""
    views, settings = dict(app.view_functions), dict(app.config)
    yield
    app.view_functions.clear()
    app.view_functions.update(views)
    app.config.clear()
    app.config.update(settings)


@pytest.fixture
def app_context(app: Flask) -> Iterator[None]:
    """For tests that call services themselves. A test with a browser must not hold one: requests would share it."""
    with app.app_context():
        yield


def somebody(app: Flask, first_name: str) -> User:
    with app.app_context():
        user = people.user_with_address(f"{first_name}@clinic.example")
    assert user is not None
    return user


def signed_in(app: Flask, user: User) -> FlaskClient:
    browser = app.test_client()
    with app.app_context():
        browser.set_cookie(app.config["IDENTITY_COOKIE_NAME"], a_sign_in(user))
    return browser


@pytest.fixture
def alma(app: Flask) -> User:
    """A therapist of Riverside."""
    return somebody(app, "alma")


@pytest.fixture
def sten(app: Flask) -> User:
    """Staff of Riverside."""
    return somebody(app, "sten")


@pytest.fixture
def ada(app: Flask) -> User:
    """The administrator of Riverside."""
    return somebody(app, "ada")


@pytest.fixture
def ines(app: Flask) -> User:
    """The auditor of Riverside."""
    return somebody(app, "ines")


@pytest.fixture
def bea(app: Flask) -> User:
    """The administrator of another clinic."""
    return somebody(app, "bea")


@pytest.fixture
def boris(app: Flask) -> User:
    """A therapist of another clinic."""
    return somebody(app, "boris")


@pytest.fixture
def as_alma(app: Flask, alma: User) -> FlaskClient:
    """Alma's browser."""
    return signed_in(app, alma)


@pytest.fixture
def as_sten(app: Flask, sten: User) -> FlaskClient:
    """Sten's browser."""
    return signed_in(app, sten)


@pytest.fixture
def as_ada(app: Flask, ada: User) -> FlaskClient:
    """Ada's browser."""
    return signed_in(app, ada)


@pytest.fixture
def as_ines(app: Flask, ines: User) -> FlaskClient:
    """Ines's browser."""
    return signed_in(app, ines)


@pytest.fixture
def as_bea(app: Flask, bea: User) -> FlaskClient:
    """Bea's browser."""
    return signed_in(app, bea)


@pytest.fixture
def as_boris(app: Flask, boris: User) -> FlaskClient:
    """Boris's browser."""
    return signed_in(app, boris)


@pytest.fixture
def anonymous(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in with."""
    return app.test_client()
