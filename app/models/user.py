"""People who sign in, their sessions and their tokens. Only hashes are kept of what proves who they are."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, ClinicRow, Instant, belongs_to
from app.models.clinic import Clinic


class Role(StrEnum):
    """What somebody is in the clinic. What a role may do stands in ``app.policy``."""

    THERAPIST = "therapist"
    STAFF = "staff"
    ADMINISTRATOR = "administrator"


class User(ClinicRow, Base):
    """Somebody of a clinic."""

    __tablename__ = "user_account"  # "user" is a reserved word in PostgreSQL
    __table_args__ = (
        UniqueConstraint("clinic_id", "id"),
        CheckConstraint("role IN ('therapist', 'staff', 'administrator')", name="role"),
    )

    email: Mapped[str] = mapped_column(String(254), unique=True)
    """As typed at sign-in, lower case: one address is one person in the whole installation."""
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(255))
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)

    clinic: Mapped[Clinic] = relationship(lazy="joined", innerjoin=True)


class AuthSession(ClinicRow, Base):
    """A sign-in, from one browser."""

    __tablename__ = "auth_session"
    __table_args__ = (belongs_to("user_account", "user_id"),)

    user_id: Mapped[str] = mapped_column(index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    """The absolute end, however busy the session is."""
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class ApiToken(ClinicRow, Base):
    """What a program of the clinic's own signs in with: it acts as its user."""

    __tablename__ = "api_token"
    __table_args__ = (belongs_to("user_account", "user_id"),)

    user_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(120))
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
