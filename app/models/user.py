"""People of a clinic, and what they are in it."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from itertools import combinations

from sqlalchemy import CheckConstraint, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, ClinicRow, Instant
from app.models.clinic import Clinic
from app.models.sealed import SealedTextOrNone


class Role(StrEnum):
    """What somebody is in the clinic. What a role may do stands in ``app.policy``."""

    THERAPIST = "therapist"
    STAFF = "staff"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


def joined(roles: Iterable[Role]) -> str:
    """Roles as they are kept: by name, parted by commas."""
    return ",".join(sorted(role.value for role in roles))


COMBINABLE = (Role.ADMINISTRATOR, Role.STAFF, Role.THERAPIST)
"""An auditor looks on, and is nothing else."""
COMBINATIONS = (
    *(joined(some) for size in range(1, len(COMBINABLE) + 1) for some in combinations(COMBINABLE, size)),
    joined([Role.AUDITOR]),
)


class User(ClinicRow, Base):
    """Somebody of a clinic."""

    __tablename__ = "user_account"  # "user" is a reserved word in PostgreSQL
    __table_args__ = (
        UniqueConstraint("clinic_id", "id"),
        UniqueConstraint("clinic_id", "email"),
        UniqueConstraint("clinic_id", "oidc_subject"),
        CheckConstraint(f"roles IN ({', '.join(repr(one) for one in COMBINATIONS)})", name="roles"),
    )

    email: Mapped[str] = mapped_column(String(254))
    """Lower case. Several clinics may invite one address; ``SignInName`` lets one of them have it."""
    name: Mapped[str] = mapped_column(String(120))
    roles_text: Mapped[str] = mapped_column("roles", String(60))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    """None until an invitation is accepted, and for those who sign in elsewhere."""
    _totp_secret: Mapped[bytes | None] = mapped_column("totp_secret", LargeBinary)
    totp_secret = SealedTextOrNone()
    """Base32 (RFC 6238)."""
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the first code proved that the app has the secret; before that it counts for nothing."""
    totp_last_step: Mapped[int | None]
    """The 30-second step of the last code that was accepted: a code works once."""
    oidc_subject: Mapped[str | None] = mapped_column(String(255))
    """Who they are to the clinic's identity provider."""
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)

    clinic: Mapped[Clinic] = relationship(lazy="joined", innerjoin=True)

    @property
    def roles(self) -> frozenset[Role]:
        """All that they are."""
        return frozenset(Role(name) for name in self.roles_text.split(","))

    @roles.setter
    def roles(self, roles: Iterable[Role]) -> None:
        self.roles_text = joined(roles)
