"""Whether what is stored is still what was written."""

import hashlib
from collections.abc import Iterator, Sequence

from sqlalchemy import func, select, text
from sqlalchemy.orm import lazyload, undefer

from app.database import unit_of_work
from app.models import Clinic, IssuedProgram
from app.models.sealed import UnsealableError
from app.models.triggers import missing_triggers
from app.models.walls_check import missing_walls
from app.scope import INSTALLATION, SIGN_IN

AT_ONCE = 50
"""Handouts in memory at a time."""


def problems() -> Iterator[str]:
    """Everything that is wrong, a sentence each; nothing when all is well."""
    yield from _of_the_database()
    for clinic_id in clinic_ids():
        yield from _of_the_handouts(clinic_id)


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


def _of_the_handouts(clinic_id: str) -> Iterator[str]:
    # A few at a time, each in a transaction of its own: SQLite has one writer, and the clinic goes on working.
    last = ""
    options = (undefer(IssuedProgram._pdf), lazyload("*"))  # noqa: SLF001 - the column behind the attribute
    while True:
        query = select(IssuedProgram).where(IssuedProgram.id > last).order_by(IssuedProgram.id).limit(AT_ONCE)
        with unit_of_work(clinic_id) as session:
            stored = session.scalars(query.options(*options).execution_options(populate_existing=True)).all()
            session.expunge_all()
        if not stored:
            return
        last = stored[-1].id
        for one in stored:
            if not _is_what_was_issued(one):
                yield f"The stored handout of {one.number}, version {one.version}, is not what was issued."


def _is_what_was_issued(program: IssuedProgram) -> bool:
    try:
        return hashlib.sha256(program.pdf).hexdigest() == program.pdf_sha256
    except UnsealableError:
        return False
