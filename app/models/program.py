"""Issued programs and their withdrawals. Neither is ever changed or deleted: see ``app.models.triggers``."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    case,
    exists,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from app.models.base import Base, ClinicRow, Instant, belongs_to
from app.models.patient import Patient
from app.models.sealed import SealedBytes, SealedText
from app.models.user import User


class Withdrawal(ClinicRow, Base):
    """A program taken back: its own row, because the program itself can't be changed."""

    __tablename__ = "withdrawal"
    __table_args__ = (
        UniqueConstraint("clinic_id", "program_id"),
        belongs_to("issued_program", "program_id"),
        belongs_to("user_account", "withdrawn_by_id"),
    )

    program_id: Mapped[str]
    _reason: Mapped[bytes] = mapped_column("reason", LargeBinary)
    reason = SealedText()
    withdrawn_by_id: Mapped[str]
    withdrawn_at: Mapped[datetime] = mapped_column(Instant)

    withdrawn_by: Mapped[User] = relationship(
        primaryjoin="foreign(Withdrawal.withdrawn_by_id) == User.id", viewonly=True, lazy="joined", innerjoin=True
    )


class IssuedProgram(ClinicRow, Base):
    """One version of a program, with everything that was true when it was issued."""

    __tablename__ = "issued_program"
    __table_args__ = (
        UniqueConstraint("clinic_id", "id"),
        UniqueConstraint("clinic_id", "series_id", "id"),
        UniqueConstraint("clinic_id", "series_id", "version"),
        UniqueConstraint("clinic_id", "number", "version"),
        # A version is superseded once; two therapists who edit the same one can't both win.
        UniqueConstraint("clinic_id", "supersedes_id"),
        UniqueConstraint("clinic_id", "idempotency_key"),
        belongs_to("patient", "patient_id"),
        belongs_to("user_account", "issued_by_id"),
        ForeignKeyConstraint(
            ["clinic_id", "series_id", "supersedes_id"],
            ["issued_program.clinic_id", "issued_program.series_id", "issued_program.id"],
        ),
        CheckConstraint("(version = 1) = (supersedes_id IS NULL)", name="version"),
        CheckConstraint("length(pdf_sha256) = 64", name="pdf_sha256"),
        Index(None, "clinic_id", "patient_id", "issued_at"),
        Index(None, "clinic_id", "issued_at"),
    )

    series_id: Mapped[str]
    """The same for all versions of a program."""
    number: Mapped[str] = mapped_column(String(20))
    """What people read out on the phone; the same for all versions."""
    version: Mapped[int]
    supersedes_id: Mapped[str | None]
    patient_id: Mapped[str]
    issued_by_id: Mapped[str]
    issued_at: Mapped[datetime] = mapped_column(Instant)
    pack_id: Mapped[str] = mapped_column(String(80))
    pack_version: Mapped[str] = mapped_column(String(40))
    pack_digest: Mapped[str] = mapped_column(String(80))
    _program_json: Mapped[bytes] = mapped_column("program_json", LargeBinary)
    program_json = SealedText()
    """The program file, canonical: the same program is always the same text."""
    _verdict_json: Mapped[bytes] = mapped_column("verdict_json", LargeBinary)
    verdict_json = SealedText()
    """The verdict it was issued under, with acknowledgements and their reasons."""
    _handout_json: Mapped[bytes] = mapped_column("handout_json", LargeBinary)
    handout_json = SealedText()
    """What the paper says, in reading order."""
    _pdf: Mapped[bytes] = mapped_column("pdf", LargeBinary, deferred=True)
    pdf = SealedBytes()
    pdf_sha256: Mapped[str] = mapped_column(String(64))
    """Of the plain PDF."""
    idempotency_key: Mapped[str] = mapped_column(String(120))
    request_sha256: Mapped[str] = mapped_column(String(64))
    """Hash of what was asked with that key: another request with the same key is refused."""

    patient: Mapped[Patient] = relationship(
        primaryjoin="foreign(IssuedProgram.patient_id) == Patient.id", viewonly=True, lazy="joined", innerjoin=True
    )
    issued_by: Mapped[User] = relationship(
        primaryjoin="foreign(IssuedProgram.issued_by_id) == User.id", viewonly=True, lazy="joined", innerjoin=True
    )
    withdrawal: Mapped[Withdrawal | None] = relationship(
        primaryjoin="foreign(Withdrawal.program_id) == IssuedProgram.id", viewonly=True, uselist=False, lazy="selectin"
    )
    if TYPE_CHECKING:
        status: Mapped[str]
        """"current", "superseded" or "withdrawn"; set below, because it looks at other versions of the same table."""

    @property
    def program_file(self) -> dict[str, Any]:
        """The program file as issued."""
        return _object(self.program_json)

    @property
    def verdict(self) -> dict[str, Any]:
        """The verdict as issued."""
        return _object(self.verdict_json)

    @property
    def handout(self) -> dict[str, Any]:
        """The handout as issued."""
        return _object(self.handout_json)


def _object(text: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(text)
    return value


_newer = IssuedProgram.__table__.alias("newer")
IssuedProgram.status = column_property(
    case(
        (exists().where(Withdrawal.program_id == IssuedProgram.id).correlate_except(Withdrawal), "withdrawn"),
        (exists().where(_newer.c.supersedes_id == IssuedProgram.id).correlate_except(_newer), "superseded"),
        else_="current",
    )
)
