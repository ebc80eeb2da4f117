"""What patients told their therapist. Append-only: a new answer is a new row."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, ClinicRow, Instant, belongs_to
from app.models.sealed import SealedJson
from app.models.user import User


class Screening(ClinicRow, Base):
    """One screening of one patient."""

    __tablename__ = "screening"
    __table_args__ = (
        belongs_to("patient", "patient_id"),
        belongs_to("user_account", "recorded_by_id"),
        Index(None, "clinic_id", "patient_id", "recorded_at"),
    )

    patient_id: Mapped[str]
    date: Mapped[str] = mapped_column(String(10))
    """ISO date of the screening itself."""
    _document: Mapped[bytes] = mapped_column("document", LargeBinary)
    document = SealedJson()
    """The ``screening`` object of the program file."""
    recorded_by_id: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(Instant)

    recorded_by: Mapped[User] = relationship(
        primaryjoin="foreign(Screening.recorded_by_id) == User.id", viewonly=True, lazy="joined", innerjoin=True
    )
