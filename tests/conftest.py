"""The clinic under test: a migrated database for each test, and a cast that knows one another."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, make_url, text

from app import create_app
from app.clock import now
from app.config import ROOT, Config, database_url
from app.database import db
from app.models import Role, User
from app.services import accounts, people
from prescriptions.brand import Brand
from tests.browsing import Browser

SECRET = "not-a-secret-but-long-enough-for-tests"
PASSWORD = "correct horse battery"
SERVER = os.environ.get("HOLDWELL_TEST_DATABASE_URL", "")
"""A PostgreSQL server to run the same tests on; SQLite when empty."""

RIVERSIDE = Brand(clinic_name="Riverside Physiotherapy", phone="020 7946 0001", hours="Weekdays, 8:00 to 18:00")
LAKESIDE = Brand(clinic_name="Lakeside Rehabilitation", phone="020 7946 0002", paper="letter")
CAST = {
    "alma": ("Alma Reyes", Role.THERAPIST, RIVERSIDE),
    "sten": ("Sten Dahl", Role.STAFF, RIVERSIDE),
    "ada": ("Ada Brook", Role.ADMINISTRATOR, RIVERSIDE),
    "boris": ("Boris Lang", Role.THERAPIST, LAKESIDE),
}
"""Alma prescribes, Sten helps, Ada administers. Boris works elsewhere and must see nothing."""


@dataclass(frozen=True)
class Copies:
    """Makes a database that is migrated and knows the cast."""

    make: Callable[[str], str]
    """Name to database address."""
    drop: Callable[[str], None]


def config_for(url: str) -> Config:
    return Config(secret_key=SECRET, database_url=url, secure_cookies=False)


def migrate(url: str, revision: str = "head") -> None:
    config = AlembicConfig(toml_file=ROOT / "pyproject.toml")
    config.attributes["database_url"] = url
    (command.downgrade if revision == "base" else command.upgrade)(config, revision)


def engage_the_cast(url: str) -> None:
    app = create_app(config_for(url))
    with app.app_context():
        clinics = {brand.clinic_name: people.add_clinic(brand=brand, at=now()) for brand in (RIVERSIDE, LAKESIDE)}
        for first, (name, role, brand) in CAST.items():
            clinic = clinics[brand.clinic_name]
            address = f"{first}@clinic.example"
            people.add_user(clinic=clinic, email=address, name=name, role=role, password=PASSWORD, at=now())
        db.engine.dispose()


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Copies]:
    """One database is migrated for the whole run; each test gets a copy of it."""
    if SERVER:
        yield from _copies_on_postgresql(worker_id)
    else:
        yield _copies_of_a_file(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """Which of several test processes this is."""
    return getattr(request.config, "workerinput", {}).get("workerid", "alone")


def _copies_of_a_file(folder: Path) -> Copies:
    original = folder / "original.db"
    migrate(f"sqlite:///{original}")
    engage_the_cast(f"sqlite:///{original}")
    with sqlite3.connect(original) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()

    def make(name: str) -> str:
        shutil.copyfile(original, folder / f"{name}.db")
        return f"sqlite:///{folder / f'{name}.db'}"

    def drop(name: str) -> None:
        for path in folder.glob(f"{name}.db*"):
            path.unlink()

    return Copies(make, drop)


def _copies_on_postgresql(worker_id: str) -> Iterator[Copies]:
    server = make_url(database_url({"DATABASE_URL": SERVER}))
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    original = f"holdwell_{worker_id}"

    def run(statement: str) -> None:
        with engine.connect() as connection:
            connection.execute(text(statement))

    def address(name: str) -> str:
        return server.set(database=name).render_as_string(hide_password=False)

    def make(name: str) -> str:
        run(f"CREATE DATABASE {original}_{name} TEMPLATE {original}")
        return address(f"{original}_{name}")

    run(f"DROP DATABASE IF EXISTS {original} WITH (FORCE)")
    run(f"CREATE DATABASE {original}")
    migrate(address(original))
    engage_the_cast(address(original))
    yield Copies(make, lambda name: run(f"DROP DATABASE {original}_{name} WITH (FORCE)"))
    run(f"DROP DATABASE {original} WITH (FORCE)")
    engine.dispose()


@pytest.fixture
def url(copies: Copies) -> Iterator[str]:
    """The address of a database of the test's own."""
    yield copies.make("test")
    copies.drop("test")


@pytest.fixture
def app(url: str) -> Iterator[Flask]:
    """The application on that database."""
    app = create_app(config_for(url))
    app.test_client_class = Browser
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


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
        browser.set_cookie(app.config["IDENTITY_COOKIE_NAME"], accounts.open_session(user, at=now()))
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
def as_boris(app: Flask, boris: User) -> FlaskClient:
    """Boris's browser."""
    return signed_in(app, boris)


@pytest.fixture
def anonymous(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in with."""
    return app.test_client()
