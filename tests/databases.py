"""Databases for tests: migrated once for the whole run, then copied; on SQLite, or on PostgreSQL with its two roles.

An address names the service's role, as the service would be given it; ``owners`` turns it into that of the owner.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.engine import URL

from app.config import ROOT, database_url
from app.database import engine_options, set_up

SERVER = os.environ.get("HOLDWELL_TEST_DATABASE_URL", "")
"""A PostgreSQL server to run the same tests on, see bin/with-postgresql; SQLite when empty."""
OWNER, SERVICE = "holdwell_owner", "holdwell_app"
"""The roles that bin/with-postgresql makes."""


@dataclass(frozen=True)
class Copies:
    """Makes a database that is migrated and knows the cast."""

    make: Callable[[str], str]
    """Name to database address."""
    drop: Callable[[str], None]


def owners(url: str) -> str:
    """The address of the same database for its owner."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return url
    return address.set(username=OWNER).render_as_string(hide_password=False)


def owners_engine(url: str) -> Engine:
    """An engine beside the wall, that sees the rows of every clinic."""
    options = engine_options(url)
    if not url.startswith("sqlite"):
        options["connect_args"] = {"options": "-c holdwell.clinic=*"}
    engine = create_engine(owners(url), **options)
    set_up(engine)
    return engine


def script_config(url: str) -> AlembicConfig:
    config = AlembicConfig(toml_file=ROOT / "pyproject.toml")
    config.attributes["database_url"] = owners(url)
    config.attributes["database_role"] = SERVICE
    return config


def migrate(url: str, revision: str = "head") -> None:
    (command.downgrade if revision == "base" else command.upgrade)(script_config(url), revision)


def copies_of(folder: Path, worker_id: str, furnish: Callable[[str], None]) -> Iterator[Copies]:
    """``furnish`` fills the original, once it is migrated."""
    if SERVER:
        yield from _copies_on_postgresql(f"holdwell_{worker_id}", furnish)
    else:
        yield _copies_of_a_file(folder, furnish)


def empty_database(folder: Path, name: str) -> Iterator[str]:
    """The address of a database without a table."""
    if not SERVER:
        yield f"sqlite:///{folder / name}.db"
        return
    server = make_url(database_url({"DATABASE_URL": SERVER}))
    with _administrator(server) as run:
        run(f"CREATE DATABASE {name} OWNER {OWNER}")
        yield _address(server, name)
        run(f"DROP DATABASE {name} WITH (FORCE)")


def _copies_of_a_file(folder: Path, furnish: Callable[[str], None]) -> Copies:
    original = folder / "original.db"
    migrate(f"sqlite:///{original}")
    furnish(f"sqlite:///{original}")
    with closing(sqlite3.connect(original)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def make(name: str) -> str:
        shutil.copyfile(original, folder / f"{name}.db")
        return f"sqlite:///{folder / f'{name}.db'}"

    def drop(name: str) -> None:
        for path in folder.glob(f"{name}.db*"):
            path.unlink()

    return Copies(make, drop)


def _copies_on_postgresql(original: str, furnish: Callable[[str], None]) -> Iterator[Copies]:
    server = make_url(database_url({"DATABASE_URL": SERVER}))
    with _administrator(server) as run:

        def make(name: str) -> str:
            run(f"CREATE DATABASE {original}_{name} TEMPLATE {original} OWNER {OWNER}")
            return _address(server, f"{original}_{name}")

        run(f"DROP DATABASE IF EXISTS {original} WITH (FORCE)")
        run(f"CREATE DATABASE {original} OWNER {OWNER}")
        migrate(_address(server, original))
        furnish(_address(server, original))
        yield Copies(make, lambda name: run(f"DROP DATABASE {original}_{name} WITH (FORCE)"))
        run(f"DROP DATABASE {original} WITH (FORCE)")


def _address(server: URL, name: str) -> str:
    return server.set(database=name, username=SERVICE).render_as_string(hide_password=False)


@contextmanager
def _administrator(server: URL) -> Iterator[Callable[[str], None]]:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")

    def run(statement: str) -> None:
        with engine.connect() as connection:
            connection.execute(text(statement))

    yield run
    engine.dispose()
