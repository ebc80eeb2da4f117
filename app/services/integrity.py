"""Whether what is stored is still what was written."""

import hashlib
from collections.abc import Iterator

from sqlalchemy import select, text

from app.database import unit_of_work
from app.models import IssuedProgram
from app.models.triggers import missing_triggers

AT_ONCE = 50
"""Handouts in memory at a time."""


def problems() -> Iterator[str]:
    """Everything that is wrong, a sentence each; nothing when all is well."""
    with unit_of_work() as session:
        connection = session.connection()
        for name in missing_triggers(connection):
            yield f"The trigger {name} is missing or was changed: the rows it guards may have been altered."
        if connection.dialect.name == "sqlite":
            for (said,) in connection.execute(text("PRAGMA integrity_check")):
                if said != "ok":
                    yield f"The database file is damaged: {said}."
            for row in connection.execute(text("PRAGMA foreign_key_check")):
                yield f"A row of {row[0]} refers to a row of {row[2]} that does not exist."
        query = select(IssuedProgram.number, IssuedProgram.version, IssuedProgram.pdf_sha256, IssuedProgram.pdf)
        stored = session.execute(
            query.order_by(IssuedProgram.number, IssuedProgram.version).execution_options(yield_per=AT_ONCE)
        )
        for number, version, kept, content in stored:
            if hashlib.sha256(content).hexdigest() != kept:
                yield f"The stored handout of {number}, version {version}, is not what was issued."


def handouts() -> int:
    """How many handouts are stored."""
    with unit_of_work() as session:
        return len(session.scalars(select(IssuedProgram.id)).all())
