"""One-time links: an invitation, or the way to a new password. Only hashes are kept; to look at one uses up nothing.

Whoever makes or uses a link holds the person's row (``fetch`` with ``lock``): two of a kind never live at once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import LinkError
from app.models import OneTimeLink, User
from app.services.tokens import clinic_of, new_token, token_hash


class Kind(StrEnum):
    """What a link is for."""

    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a kind


LIFETIME: Mapping[Kind, timedelta] = {
    Kind.INVITATION: timedelta(hours=24),  # ASVS 5.0, 6.4.1
    Kind.PASSWORD_RESET: timedelta(hours=1),
}
PREFIX: Mapping[Kind, str] = {Kind.INVITATION: "iv_", Kind.PASSWORD_RESET: "pr_"}


def make(session: Session, kind: Kind, *, user: User, by: User | None, at: datetime) -> str:
    """A new link for ``user``; returns its token. Older ones of the kind are worthless from now on."""
    void(session, user, kind, at=at)
    token = new_token(user.clinic_id, prefix=PREFIX[kind])
    session.add(
        OneTimeLink(
            clinic_id=user.clinic_id,
            kind=kind.value,
            user_id=user.id,
            token_sha256=token_hash(token),
            created_by_id=by.id if by else None,
            created_at=at,
            expires_at=at + LIFETIME[kind],
        )
    )
    return token


def void(session: Session, user: User, *kinds: Kind, at: datetime) -> None:
    """Make the person's links of these kinds worthless."""
    session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.clinic_id == user.clinic_id, OneTimeLink.user_id == user.id)
        .where(OneTimeLink.kind.in_(kinds), OneTimeLink.used_at.is_(None))
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )


def clinic_id_of(kind: Kind, token: str) -> str:
    """The clinic in which to look the link up. Raises LinkError for what is no token of the kind."""
    clinic_id = clinic_of(token)
    if clinic_id is None or not token.startswith(PREFIX[kind]):
        raise LinkError
    return clinic_id


def owner(session: Session, kind: Kind, token: str, *, at: datetime) -> User:
    """Whose link it is, as long as it works. Raises LinkError."""
    live = (OneTimeLink.kind == kind.value, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > at)
    found = session.scalars(
        select(User)
        .join(OneTimeLink, OneTimeLink.user_id == User.id)
        .where(OneTimeLink.clinic_id == User.clinic_id, OneTimeLink.token_sha256 == token_hash(token), *live)
        .where(User.disabled_at.is_(None))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise LinkError
    return found


def use(session: Session, kind: Kind, token: str, *, at: datetime) -> User:
    """The same, and nobody can use it again. Raises LinkError, also for the second of two who use it at once."""
    user = owner(session, kind, token, at=at)
    # The condition is in the UPDATE itself: of two at once, the database lets one change the row.
    used = session.scalars(
        update(OneTimeLink)
        .where(OneTimeLink.clinic_id == user.clinic_id, OneTimeLink.token_sha256 == token_hash(token))
        .where(OneTimeLink.used_at.is_(None))
        .values(used_at=at)
        .returning(OneTimeLink.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if used is None:
        raise LinkError
    return user
