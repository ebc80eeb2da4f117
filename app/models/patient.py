"""Patients of a clinic."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, ClinicRow, Instant


class Patient(ClinicRow, Base):
    """Who programs are made for."""

    __tablename__ = "patient"
    __table_args__ = (
        UniqueConstraint("clinic_id", "id"),
        # Two patients with one record number would be taken for one another.
        UniqueConstraint("clinic_id", "identifier"),
        CheckConstraint("revision >= 1", name="revision"),
        Index(None, "clinic_id", "sort_text"),
    )

    name: Mapped[str] = mapped_column(String(120))
    identifier: Mapped[str | None] = mapped_column(String(120))
    """The clinic's own record number."""
    birth_date: Mapped[str | None] = mapped_column(String(10))
    """ISO date."""
    search_text: Mapped[str] = mapped_column(String(500))
    """Name and identifier without accents and case, so that both databases find alike."""
    sort_text: Mapped[str] = mapped_column(String(500))
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
