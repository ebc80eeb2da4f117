"""The database session and the only commit of the program."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from app.config import Config
from app.models.base import Base

SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: what was acknowledged survives a power cut; NORMAL may lose the last commits
    "foreign_keys": 1,
    "busy_timeout": 10_000,
    "recursive_triggers": 1,  # else INSERT OR REPLACE deletes rows behind the back of the DELETE triggers
}

# What a service has committed stays readable after the commit, without another transaction.
db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})


def init_app(app: Flask, config: Config) -> None:
    """Give ``app`` its engine, and set that engine up."""
    app.config["SQLALCHEMY_DATABASE_URI"] = config.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(config.database_url)
    db.init_app(app)
    with app.app_context():
        set_up(db.engine)


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
def unit_of_work() -> Iterator[Session]:
    """All or nothing: commit what the block did, or roll all of it back. Units do not nest."""
    session = db.session()
    if session.info.get("in_unit_of_work"):
        raise RuntimeError("A unit of work inside another would commit half of the outer one.")
    session.info["in_unit_of_work"] = True
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["in_unit_of_work"] = False
