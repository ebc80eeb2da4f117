"""Patients of a clinic, and who may open their records where the clinic restricts that."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, ClinicRow, Instant, belongs_to
from app.models.sealed import SealedText, SealedTextOrNone


class Patient(ClinicRow, Base):
    """Who programs are made for."""

    __tablename__ = "patient"
    __table_args__ = (
        UniqueConstraint("clinic_id", "id"),
        # Two patients with one record number would be taken for one another.
        UniqueConstraint("clinic_id", "identifier_index"),
        CheckConstraint("revision >= 1", name="revision"),
        Index(None, "clinic_id", "sort_text"),
    )

    _name: Mapped[bytes] = mapped_column("name", LargeBinary)
    name = SealedText()
    _identifier: Mapped[bytes | None] = mapped_column("identifier", LargeBinary)
    identifier = SealedTextOrNone()
    """The clinic's own record number."""
    _birth_date: Mapped[bytes | None] = mapped_column("birth_date", LargeBinary)
    birth_date = SealedTextOrNone()
    """ISO date."""
    identifier_index: Mapped[str | None] = mapped_column(String(64))
    """Keyed hash of the identifier: equals are found, and refused, without reading any."""
    search_text: Mapped[str] = mapped_column(Text)
    """Name and identifier without accents and case, so that both databases find alike. Of what the clinic marked as
    sensitive, keyed hashes of the words instead."""
    sort_text: Mapped[str] = mapped_column(String(500))
    """The name without accents and case; empty where the clinic marked names as sensitive."""
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class CareTeamMember(ClinicRow, Base):
    """Somebody who looks after a patient."""

    __tablename__ = "care_team_member"
    __table_args__ = (
        UniqueConstraint("clinic_id", "patient_id", "user_id"),
        belongs_to("patient", "patient_id"),
        belongs_to("user_account", "user_id"),
        belongs_to("user_account", "added_by_id"),
        Index(None, "clinic_id", "user_id"),
    )

    patient_id: Mapped[str]
    user_id: Mapped[str]
    added_by_id: Mapped[str]
    added_at: Mapped[datetime] = mapped_column(Instant)


class EmergencyAccess(ClinicRow, Base):
    """A record opened by a therapist outside the care team ("break-glass"): with a reason, and for a short time."""

    __tablename__ = "emergency_access"
    __table_args__ = (
        belongs_to("patient", "patient_id"),
        belongs_to("user_account", "user_id"),
        belongs_to("user_account", "reviewed_by_id"),
        Index(None, "clinic_id", "patient_id", "user_id", "expires_at"),
        Index(None, "clinic_id", "reviewed_at"),
    )

    patient_id: Mapped[str]
    user_id: Mapped[str]
    _reason: Mapped[bytes] = mapped_column("reason", LargeBinary)
    reason = SealedText()
    opened_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    """When an administrator took note of it."""
    reviewed_by_id: Mapped[str | None]
