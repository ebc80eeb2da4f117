"""The database session and the only commit of the program."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as BoundSession
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from app import wall
from app.config import Config, ConfigError
from app.models.base import Base
from app.models.sealed import DATA_KEYS
from app.scope import INSTALLATION, Scope, current, entered

SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: what was acknowledged survives a power cut; NORMAL may lose the last commits
    "foreign_keys": 1,
    "busy_timeout": 10_000,
    "recursive_triggers": 1,  # else INSERT OR REPLACE deletes rows behind the back of the DELETE triggers
}

OWNER = "owner"
"""The engine of installation matters. On PostgreSQL, the service's own role sees no clinic but the one it names."""


class ScopedSession(BoundSession):
    """Takes the engine that the scope asks for."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:  # noqa: ANN401 - SQLAlchemy's
        """The owner's engine for what concerns the whole installation; the service's for the rest."""
        if current() is not INSTALLATION or db.engine.dialect.name == "sqlite":
            return super().get_bind(*args, **kwargs)
        if OWNER not in db.engines:
            raise ConfigError("HOLDWELL_OWNER_DATABASE_URL", "must be set for what concerns the whole installation.")
        return db.engines[OWNER]


# What a service has committed stays readable after the commit, without another transaction.
db = SQLAlchemy(metadata=Base.metadata, session_options={"class_": ScopedSession, "expire_on_commit": False})
wall.guard_session(db.session)

Prepare = Callable[[Session, str], None]
"""Loads a clinic's data keys, when this process first works for it."""


def init_app(app: Flask, config: Config, *, prepare: Prepare) -> None:
    """Give ``app`` its engine, and set that engine up."""
    app.config["SQLALCHEMY_DATABASE_URI"] = config.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(config.database_url)
    if config.owner_database_url:
        owner = {"url": config.owner_database_url, **engine_options(config.owner_database_url)}
        app.config["SQLALCHEMY_BINDS"] = {OWNER: owner}
    app.config["HOLDWELL_DATABASE_ROLE"] = config.database_role
    app.extensions["holdwell.prepare"] = prepare
    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            set_up(engine)
            wall.guard_engine(engine)


def owner_url() -> str:
    """The address to migrate at."""
    url = db.engines.get(OWNER, db.engine).url
    return url.render_as_string(hide_password=False)


def engine_options(url: str) -> dict[str, Any]:
    """Arguments of create_engine for the database at ``url``."""
    # Parameters are patients' data; an error message would carry them into the log.
    if url.startswith("sqlite"):
        # Driver autocommit: Python's own handling would begin transactions late and read-only. See set_up.
        return {"hide_parameters": True, "connect_args": {"isolation_level": None}}
    return {"hide_parameters": True, "pool_pre_ping": True}


def set_up(engine: Engine, *, foreign_keys: bool = True) -> None:
    """On SQLite: set every new connection's pragmas, and begin every transaction as the writer it may become.

    A transaction that begins as a reader and then writes fails at once, whatever the timeout, when another wrote
    meanwhile. Only migrations turn ``foreign_keys`` off.
    """
    if engine.dialect.name != "sqlite":
        return
    Path(engine.url.database or "").parent.mkdir(parents=True, exist_ok=True)
    pragmas = SQLITE_PRAGMAS | {"foreign_keys": int(foreign_keys)}

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name}={value}")

    @event.listens_for(engine, "begin")
    def begin_immediate(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def unit_of_work(scope: Scope) -> Iterator[Session]:
    """All or nothing in one clinic: commit what the block did, or roll all of it back. Units do not nest.

    ``scope`` is the clinic's id, or for the command line ``INSTALLATION``. What belongs to others is not there.
    """
    session = db.session()
    if session.info.get("in_unit_of_work"):
        raise RuntimeError("A unit of work inside another would commit half of the outer one.")
    session.info["in_unit_of_work"] = True
    try:
        with entered(scope):
            if isinstance(scope, str) and not DATA_KEYS.has(scope):
                current_app.extensions["holdwell.prepare"](session, scope)
            yield session
            session.commit()
    except BaseException:
        session.expunge_all()  # or the rollback would empty what callers hold, to be read again without a scope
        session.rollback()
        raise
    finally:
        session.expunge_all()  # what one scope has read is not found again in another
        session.info["in_unit_of_work"] = False
