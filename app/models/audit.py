"""Who did what, to which patient, when. Append-only."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, ClinicRow, Instant


class Action(StrEnum):
    """Everything that leaves a trace."""

    SIGNED_IN = "session.started"
    SIGN_IN_REFUSED = "session.refused"
    SIGNED_OUT = "session.ended"
    USER_ADDED = "user.added"
    TOKEN_ADDED = "token.added"  # noqa: S105 - the name of an event
    PATIENTS_SEARCHED = "patient.searched"
    PATIENT_VIEWED = "patient.viewed"
    PATIENT_ADDED = "patient.added"
    PATIENT_EDITED = "patient.edited"
    SCREENING_VIEWED = "screening.viewed"
    SCREENING_RECORDED = "screening.recorded"
    DRAFT_VIEWED = "draft.viewed"
    DRAFT_STARTED = "draft.started"
    DRAFT_SAVED = "draft.saved"
    DRAFT_DISCARDED = "draft.discarded"
    PROGRAM_ISSUED = "program.issued"
    PROGRAM_VIEWED = "program.viewed"
    PROGRAM_DOWNLOADED = "program.downloaded"
    PROGRAM_DAMAGED = "program.damaged"
    PROGRAM_WITHDRAWN = "program.withdrawn"
    PROGRAMS_SEARCHED = "program.searched"
    HISTORY_EXPORTED = "history.exported"


class AuditEvent(ClinicRow, Base):
    """One act. Ids only: no name and no clinical fact stands here.

    Beyond its clinic it references nothing: the trail must outlive what it tells of.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index(None, "clinic_id", "at"),
        Index(None, "clinic_id", "patient_id", "at"),
    )

    at: Mapped[datetime] = mapped_column(Instant)
    action: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[str]
    actor_role: Mapped[str] = mapped_column(String(20))
    object_id: Mapped[str | None]
    """The row acted upon; its kind is the first word of the action."""
    patient_id: Mapped[str | None]
