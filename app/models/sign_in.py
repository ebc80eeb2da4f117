"""How people prove who they are: names, sessions, tokens, second factors. Secrets are kept as hashes."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, ClinicRow, Instant, belongs_to, new_id
from app.models.sealed import SealedText


class SignInName(Base):
    """From an address to the clinic that knows it, before anybody has signed in.

    The one table of people outside the wall between clinics; it holds keyed hashes and ids, nothing else.
    """

    __tablename__ = "sign_in_name"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "user_id"], ["user_account.clinic_id", "user_account.id"]),
        UniqueConstraint("clinic_id", "user_id"),
    )

    address_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Keyed hash of the e-mail address."""
    clinic_id: Mapped[str]
    user_id: Mapped[str]
    devices_key: Mapped[str] = mapped_column(String(36), default=new_id)
    """What the cookie of a known browser rests on. A new one makes strangers of all of them."""


class AuthSession(ClinicRow, Base):
    """A sign-in, from one browser."""

    __tablename__ = "auth_session"
    __table_args__ = (belongs_to("user_account", "user_id"),)

    user_id: Mapped[str] = mapped_column(index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    browser: Mapped[str] = mapped_column(String(80), default="")
    """What the person would call it: "Firefox on Windows"."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    """The absolute end, however busy the session is."""
    second_factor_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the second factor was given, or was found not to be needed. Before that, the session opens nothing else."""
    proved_at: Mapped[datetime] = mapped_column(Instant)
    """When the person last proved who they are: bulk exports, people and security ask for it anew."""
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What a passkey was last asked to sign here. It is taken away with the first answer, right or wrong."""
    challenge_expires_at: Mapped[datetime | None] = mapped_column(Instant)


class ApiToken(ClinicRow, Base):
    """What a program of the clinic's own signs in with: it acts as its user, within its scopes."""

    __tablename__ = "api_token"
    __table_args__ = (belongs_to("user_account", "user_id"),)

    user_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(120))
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    scopes_text: Mapped[str] = mapped_column("scopes", String(200))
    """Names of ``app.policy.Scope``, parted by commas."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def scopes(self) -> frozenset[str]:
        """What it may do."""
        return frozenset(self.scopes_text.split(","))


class OneTimeLink(ClinicRow, Base):
    """An invitation, or the way to a new password. It works once."""

    __tablename__ = "one_time_link"
    __table_args__ = (
        belongs_to("user_account", "user_id"),
        belongs_to("user_account", "created_by_id"),
        CheckConstraint("kind IN ('invitation', 'password_reset')", name="kind"),
        Index(None, "clinic_id", "user_id"),
    )

    kind: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[str]
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_by_id: Mapped[str | None]
    """None when the person asked for it, or the command line did."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    """When it was used, or withdrawn."""


class RecoveryCode(ClinicRow, Base):
    """Opens once for somebody who has lost their second factor."""

    __tablename__ = "recovery_code"
    __table_args__ = (belongs_to("user_account", "user_id"), Index(None, "clinic_id", "user_id"))

    user_id: Mapped[str]
    code_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class Passkey(ClinicRow, Base):
    """A second factor that can't be read out to a stranger (WebAuthn)."""

    __tablename__ = "passkey"
    __table_args__ = (belongs_to("user_account", "user_id"), Index(None, "clinic_id", "user_id"))

    user_id: Mapped[str]
    name: Mapped[str] = mapped_column(String(120))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)


class IdentityProvider(ClinicRow, Base):
    """Where the people of a clinic sign in instead, by OpenID Connect."""

    __tablename__ = "identity_provider"
    __table_args__ = (UniqueConstraint("clinic_id"),)

    issuer: Mapped[str] = mapped_column(String(300))
    client_id: Mapped[str] = mapped_column(String(200))
    _client_secret: Mapped[bytes] = mapped_column("client_secret", LargeBinary)
    client_secret = SealedText()
    created_at: Mapped[datetime] = mapped_column(Instant)


class RateCounter(Base):
    """How often something was tried of late. Keys are hashes; rows that have expired are dropped."""

    __tablename__ = "rate_counter"
    __table_args__ = (Index(None, "expires_at"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    amount: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(Instant)
