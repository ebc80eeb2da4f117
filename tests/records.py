"""Raw looks at what is stored, and raw changes to it: beside the wall, as the owner of the database."""

from collections.abc import Sequence
from typing import Any

from flask import Flask
from sqlalchemy import ColumnElement, Engine, Executable, Row, func, select

from app.models.triggers import frozen_tables, install_triggers, remove_triggers
from tests.databases import owners_engine


def stored(app: Flask, statement: Executable) -> Sequence[Row[Any]]:
    """The rows of a query, of whichever clinic."""
    engine = _engine(app)
    try:
        with engine.begin() as connection:
            return connection.execute(statement).all()
    finally:
        engine.dispose()


def change(app: Flask, *statements: Executable) -> None:
    """Do it, whatever the service would say."""
    engine = _engine(app)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(statement)
    finally:
        engine.dispose()


def column(app: Flask, statement: Executable) -> list[Any]:
    """The first column of a query."""
    return [row[0] for row in stored(app, statement)]


def count(app: Flask, model: type[Any], *conditions: ColumnElement[bool]) -> int:
    """How many rows there are, of all clinics."""
    found: int = column(app, select(func.count()).select_from(model).where(*conditions))[0]
    return found


def _engine(app: Flask) -> Engine:
    return owners_engine(app.config["SQLALCHEMY_DATABASE_URI"])


def change_frozen(app: Flask, *statements: Executable) -> None:
    """Change what no trigger lets anybody change, as a failing disk would, and leave the triggers as they were."""
    engine = _engine(app)
    try:
        with engine.begin() as connection:
            for table in frozen_tables():
                remove_triggers(connection, table)
            for statement in statements:
                connection.execute(statement)
            install_triggers(connection)
    finally:
        engine.dispose()
