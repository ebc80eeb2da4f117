"""Programs that are being put together."""

from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, ClinicRow, Instant, belongs_to
from app.models.sealed import SealedJson
from app.models.user import User


class Draft(ClinicRow, Base):
    """The one unfinished program of a patient, exactly as typed."""

    __tablename__ = "draft"
    __table_args__ = (
        UniqueConstraint("clinic_id", "patient_id"),
        belongs_to("patient", "patient_id"),
        belongs_to("issued_program", "supersedes_id"),
        belongs_to("user_account", "updated_by_id"),
        CheckConstraint("revision >= 1", name="revision"),
    )

    patient_id: Mapped[str]
    supersedes_id: Mapped[str | None]
    """The issued version that this draft will supersede; None for a new program."""
    _document: Mapped[bytes] = mapped_column("document", LargeBinary)
    document = SealedJson()
    """Raw form strings in the shape of a program file without patient and screening. Always replaced whole."""
    revision: Mapped[int] = mapped_column(default=1)
    """Grows with each save: whoever saves must have seen the newest."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    updated_by_id: Mapped[str]

    updated_by: Mapped[User] = relationship(
        primaryjoin="foreign(Draft.updated_by_id) == User.id", viewonly=True, lazy="joined", innerjoin=True
    )
