"""Who did what, to which patient, when, from where. Append-only, and chained."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, ClinicRow, Instant


class Action(StrEnum):
    """Everything that leaves a trace."""

    SIGNED_IN = "session.started"
    SIGN_IN_REFUSED = "session.refused"
    SIGNED_OUT = "session.ended"
    SESSION_REVOKED = "session.revoked"
    PROVED_AGAIN = "session.proved"
    USER_ADDED = "user.added"
    USER_INVITED = "user.invited"
    INVITATION_ACCEPTED = "user.accepted"
    INVITATION_WITHDRAWN = "user.uninvited"
    USER_EDITED = "user.edited"
    PROVIDER_CONNECTED = "user.connected"
    PROVIDER_DISCONNECTED = "user.disconnected"
    USER_DISABLED = "user.disabled"
    USER_ENABLED = "user.enabled"
    PEOPLE_VIEWED = "user.viewed"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 - the name of an event
    PASSWORD_RESET_ASKED = "password.reset_asked"  # noqa: S105 - the same
    PASSWORD_RESET = "password.reset"  # noqa: S105 - the same
    SECOND_FACTOR_ADDED = "factor.added"
    SECOND_FACTOR_REMOVED = "factor.removed"
    SECOND_FACTOR_RESET = "factor.reset"
    SECOND_FACTOR_REFUSED = "factor.refused"
    RECOVERY_CODES_MADE = "factor.codes_made"
    RECOVERY_CODE_USED = "factor.code_used"
    TOKEN_ADDED = "token.added"  # noqa: S105 - the same
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - the same
    CLINIC_EDITED = "clinic.edited"
    LOGO_CHANGED = "clinic.logo_changed"
    PROVIDER_CHANGED = "clinic.provider_changed"
    KEYS_RENEWED = "clinic.keys_renewed"
    ACCESS_REFUSED = "access.refused"
    PATIENTS_SEARCHED = "patient.searched"
    PATIENT_VIEWED = "patient.viewed"
    PATIENT_ADDED = "patient.added"
    PATIENT_EDITED = "patient.edited"
    TEAM_JOINED = "patient.team_joined"
    TEAM_LEFT = "patient.team_left"
    EMERGENCY_OFFERED = "patient.emergency_offered"
    EMERGENCY_OPENED = "patient.emergency_opened"
    EMERGENCY_REVIEWED = "patient.emergency_reviewed"
    EMERGENCIES_LISTED = "patient.emergencies_listed"
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
    AUDIT_SEARCHED = "audit.searched"
    AUDIT_EXPORTED = "audit.exported"


class AuditEvent(ClinicRow, Base):
    """One act. Ids only: no name and no clinical fact stands here.

    Beyond its clinic it references nothing: the trail must outlive what it tells of.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        UniqueConstraint("clinic_id", "n"),
        Index(None, "clinic_id", "at"),
        Index(None, "clinic_id", "patient_id", "at"),
        Index(None, "clinic_id", "actor_id", "at"),
    )

    n: Mapped[int] = mapped_column(BigInteger)
    """Its place in the clinic's trail: from 1, without gaps."""
    at: Mapped[datetime] = mapped_column(Instant)
    action: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(10), default="done")
    """"done" or "refused"."""
    detail: Mapped[str | None] = mapped_column(String(60))
    """A word of ours that says more, such as why it was refused; never what somebody typed."""
    actor_id: Mapped[str]
    actor_roles: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[str | None]
    """The row acted upon; its kind is the first word of the action."""
    patient_id: Mapped[str | None]
    request_id: Mapped[str | None] = mapped_column(String(36))
    ip: Mapped[str | None] = mapped_column(String(45))
    agent_sha256: Mapped[str | None] = mapped_column(String(64))
    """Hash of what the browser calls itself."""
    pack_version: Mapped[str | None] = mapped_column(String(40))
    """The catalogue's version, where a verdict was given."""
    key_number: Mapped[int]
    """Which audit key made the code; 0 for rows from before there was a chain."""
    mac: Mapped[str] = mapped_column(String(64))
    """HMAC-SHA-256 over the previous row's code and everything above: see ``app.services.audit_chain``."""


class AuditHead(Base):
    """The end of a clinic's trail. Whoever appends to the trail holds this row until they commit."""

    __tablename__ = "audit_head"

    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"), primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)
    mac: Mapped[str] = mapped_column(String(64))
