"""Whether what is stored is still what was written."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import lazyload, undefer

from app.database import unit_of_work
from app.models import Clinic, IssuedProgram
from app.models.sealed import UnsealableError, sealed_in
from app.models.sealed_tables import SEALED_TABLES, Model
from app.models.triggers import missing_triggers
from app.models.walls_check import missing_walls
from app.scope import INSTALLATION, SIGN_IN

AT_ONCE = 50
"""Rows in memory at a time: handouts are large."""


def problems() -> Iterator[str]:
    """Everything that is wrong, a sentence each; nothing when all is well."""
    yield from _of_the_database()
    for clinic_id in clinic_ids():
        for model in SEALED_TABLES:
            yield from _of_the_rows(model, clinic_id)


def clinic_ids() -> Sequence[str]:
    """All clinics of the installation."""
    with unit_of_work(INSTALLATION) as session:
        return session.scalars(select(Clinic.id).order_by(Clinic.id)).all()


def handouts() -> int:
    """How many handouts are stored."""
    with unit_of_work(INSTALLATION) as session:
        return session.scalar(select(func.count()).select_from(IssuedProgram)) or 0


def _of_the_database() -> list[str]:
    role = _signed_in_as()
    with unit_of_work(INSTALLATION) as session:
        connection = session.connection()
        found = [
            f"The trigger {name} is missing or was changed: the rows it guards may have been altered."
            for name in missing_triggers(connection)
        ]
        found += missing_walls(connection, role)
        if connection.dialect.name == "sqlite":
            said = [row[0] for row in connection.execute(text("PRAGMA integrity_check"))]
            found += [f"The database file is damaged: {sentence}." for sentence in said if sentence != "ok"]
            found += [
                f"A row of {row[0]} refers to a row of {row[2]} that does not exist."
                for row in connection.execute(text("PRAGMA foreign_key_check"))
            ]
    return found


def _signed_in_as() -> str:
    """The role of the service itself; nothing on SQLite, which has none."""
    with unit_of_work(SIGN_IN) as session:
        connection = session.connection()
        if connection.dialect.name == "sqlite":
            return ""
        role: str = connection.exec_driver_sql("SELECT current_user").scalar_one()
        return role


def _of_the_rows(model: Model, clinic_id: str) -> Iterator[str]:
    # A few at a time, each in a transaction of its own: SQLite has one writer, and the clinic goes on working.
    last = ""
    options = (lazyload("*"), *(undefer(getattr(model, column)) for column in sealed_in(model)))
    while True:
        query = select(model).where(model.clinic_id == clinic_id, model.id > last).order_by(model.id).limit(AT_ONCE)
        with unit_of_work(clinic_id) as session:
            stored = session.scalars(query.options(*options).execution_options(populate_existing=True)).all()
            session.expunge_all()
        if not stored:
            return
        last = stored[-1].id
        yield from (_sentence(row) for row in stored if not _is_as_written(row))


def _is_as_written(row: Any) -> bool:  # noqa: ANN401 - a row of any table with sealed columns
    try:
        for attribute in sealed_in(type(row)).values():
            attribute.__get__(row, type(row))
    except UnsealableError:
        return False
    return not isinstance(row, IssuedProgram) or hashlib.sha256(row.pdf).hexdigest() == row.pdf_sha256


def _sentence(row: Any) -> str:  # noqa: ANN401 - the same
    if isinstance(row, IssuedProgram):
        return f"The stored handout of {row.number}, version {row.version}, is not what was issued."
    return f"A sealed value of {row.__tablename__} {row.id} was altered or damaged."
