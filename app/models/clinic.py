"""A clinic: the owner of every other row; and the keys of what it keeps."""

from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, ClinicRow, Instant, new_id

SENSITIVE = ("name", "identifier")
"""What a clinic can mark as sensitive: it is then found by whole words only, and no readable copy is kept to search."""


class Clinic(Base):
    """A clinic, with what its paper says about it and how it wants to work."""

    __tablename__ = "clinic"
    __table_args__ = (
        CheckConstraint("paper IN ('a4', 'letter')", name="paper"),
        CheckConstraint("sensitive IN ('', 'identifier', 'name', 'identifier,name')", name="sensitive"),
        CheckConstraint("is_demonstration OR requires_second_factor", name="requires_second_factor"),
        CheckConstraint("revision >= 1", name="revision"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    """Not unique: a name that is taken would tell that there is another clinic."""
    phone: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    hours: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    paper: Mapped[str] = mapped_column(String(10), default="a4")
    time_zone: Mapped[str] = mapped_column(String(60), default="Europe/London")
    """IANA name: decides which day it is when a program is issued."""
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    requires_second_factor: Mapped[bool] = mapped_column(default=True)
    """Only the demonstration clinic may set it aside, and says so on every page."""
    restricts_access: Mapped[bool] = mapped_column(default=False)
    """Whether therapists open the records of their own patients only."""
    sensitive_text: Mapped[str] = mapped_column("sensitive", String(40), default="")
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """PNG, made by us from what was uploaded."""
    logo_sha256: Mapped[str | None] = mapped_column(String(64))
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def sensitive(self) -> frozenset[str]:
        """Of ``SENSITIVE``, what this clinic marked."""
        return frozenset(self.sensitive_text.split(",")) - {""}


class DataKey(ClinicRow, Base):
    """A key of what the clinic keeps, wrapped by a master key that is not in the database."""

    __tablename__ = "data_key"
    __table_args__ = (UniqueConstraint("clinic_id", "number"),)

    number: Mapped[int]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    master_number: Mapped[int]
    """Which master key wrapped it."""
    created_at: Mapped[datetime] = mapped_column(Instant)
