"""What every table shares: names of constraints, ids, instants, and the wall between clinics.

Tables hold columns and nothing that knows of requests; what may be done with them stands in ``app.services``.
"""

import uuid
from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, ForeignKey, ForeignKeyConstraint, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

# SQLite cannot alter a constraint that has no name.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The root of all tables."""

    metadata = MetaData(naming_convention=NAMES)


class Instant(TypeDecorator[datetime]):
    """An instant in UTC; never without its zone, neither going in nor coming out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC. SQLite keeps no zones."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant needs a time zone.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From what the database kept."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def new_id() -> str:
    """A random id: the next one can't be guessed from the last."""
    return str(uuid.uuid4())


class ClinicRow:
    """A row that belongs to a clinic."""

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id, sort_order=-2)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"), sort_order=-1)


def belongs_to(table: str, column: str) -> ForeignKeyConstraint:
    """A reference to another row **of the same clinic**: the database itself refuses any other."""
    return ForeignKeyConstraint(["clinic_id", column], [f"{table}.clinic_id", f"{table}.id"])
