"""Whether what is stored is still what was written."""

import hashlib
from collections.abc import Iterator

from sqlalchemy import func, select, text

from app.database import unit_of_work
from app.models import IssuedProgram
from app.models.triggers import missing_triggers

AT_ONCE = 50
"""Handouts in memory at a time."""

_COLUMNS = (
    IssuedProgram.id,
    IssuedProgram.number,
    IssuedProgram.version,
    IssuedProgram.pdf_sha256,
    IssuedProgram.pdf,
)


def problems() -> Iterator[str]:
    """Everything that is wrong, a sentence each; nothing when all is well."""
    yield from _of_the_database()
    yield from _of_the_handouts()


def handouts() -> int:
    """How many handouts are stored."""
    with unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(IssuedProgram)) or 0


def _of_the_database() -> list[str]:
    with unit_of_work() as session:
        connection = session.connection()
        found = [
            f"The trigger {name} is missing or was changed: the rows it guards may have been altered."
            for name in missing_triggers(connection)
        ]
        if connection.dialect.name == "sqlite":
            said = [row[0] for row in connection.execute(text("PRAGMA integrity_check"))]
            found += [f"The database file is damaged: {sentence}." for sentence in said if sentence != "ok"]
            found += [
                f"A row of {row[0]} refers to a row of {row[2]} that does not exist."
                for row in connection.execute(text("PRAGMA foreign_key_check"))
            ]
    return found


def _of_the_handouts() -> Iterator[str]:
    # A few at a time, each in a transaction of its own: SQLite has one writer, and the clinic goes on working.
    last = ""
    while True:
        query = select(*_COLUMNS).where(IssuedProgram.id > last).order_by(IssuedProgram.id).limit(AT_ONCE)
        with unit_of_work() as session:
            stored = session.execute(query).all()
        if not stored:
            return
        last = stored[-1].id
        for one in stored:
            if hashlib.sha256(one.pdf).hexdigest() != one.pdf_sha256:
                yield f"The stored handout of {one.number}, version {one.version}, is not what was issued."
