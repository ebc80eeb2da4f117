"""A clinic's identity provider: set, changed and removed. How people come in by it: ``provider_sign_in``.

Who somebody is, each issuer says in names of its own: with another one, or none, nobody is known by it any more.
"""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import ConflictError, InvalidError, NotFoundError
from app.models import Action, IdentityProvider, Role, SignInName, User
from app.services import audit, sessions
from app.services.oidc import issuer_problem
from app.services.owned import fetch
from app.services.rights import take_turns
from app.services.words import text_problems

LONGEST_ISSUER, LONGEST_CLIENT_ID, LONGEST_SECRET = 300, 200, 500
MISSING = ("There is no client secret yet. Give the one that the provider made for this service.",)
NO_OTHER_WAY = (
    "Nobody could be sure to come in any more: no administrator of your clinic has a password here. "
    "Choose one under “Your account” first, or invite an administrator who chooses one."
)


def of_clinic(*, by: User) -> IdentityProvider | None:
    """The provider of the clinic of ``by``; None where it has none."""
    with unit_of_work(by.clinic_id) as session:
        return of(session, by.clinic_id)


def change(
    *, issuer: str, client_id: str, client_secret: str, by: User, at: datetime, may_lock_out: bool = False
) -> IdentityProvider:
    """Let the clinic's people sign in by this provider. An empty secret keeps the one that is there.

    ``may_lock_out`` is for the command line, which can let somebody in again. Raises InvalidError by field, and
    ConflictError where nobody could mend it if the new one does not work.
    """
    issuer, client_id, client_secret = issuer.strip(), client_id.strip(), client_secret.strip()
    with unit_of_work(by.clinic_id) as session:
        take_turns(session, by.clinic_id)
        row = of(session, by.clinic_id, lock=True)
        has_secret = bool(client_secret) or row is not None
        _refuse(issuer, client_id, client_secret, has_secret=has_secret)
        if row is not None and not may_lock_out:
            _refuse_lock_out(session, by.clinic_id)
        if row is not None and row.issuer != issuer:
            _forget_everybody(session, by=by, at=at)
        if row is None:
            row = IdentityProvider(clinic_id=by.clinic_id, created_at=at)
        row.issuer, row.client_id = issuer, client_id
        if client_secret:
            row.client_secret = client_secret
        session.add(row)
        session.flush()
        audit.record(session, Action.PROVIDER_CHANGED, by=by, at=at, object_id=row.id, detail="set")
    return row


def remove(*, by: User, at: datetime, may_lock_out: bool = False) -> None:
    """Let nobody sign in by the provider any more. ``may_lock_out`` is for the command line, as above.

    Raises NotFoundError where there is none, and ConflictError where nobody could come in afterwards.
    """
    with unit_of_work(by.clinic_id) as session:
        take_turns(session, by.clinic_id)
        row = of(session, by.clinic_id, lock=True)
        if row is None:
            raise NotFoundError("identity provider")
        if not may_lock_out:
            _refuse_lock_out(session, by.clinic_id)
        _forget_everybody(session, by=by, at=at)
        audit.record(session, Action.PROVIDER_CHANGED, by=by, at=at, object_id=row.id, detail="removed")
        session.delete(row)


def has_another_way_in(clinic_id: str) -> bool:
    """Whether some administrator of the clinic can come in without its provider."""
    with unit_of_work(clinic_id) as session:
        return _has_another_way_in(session, clinic_id)


def forget(user: User, *, at: datetime) -> None:
    """Know somebody by the provider no more, whom it has given another account. Raises ConflictError.

    With a password they connect the new one themselves; without one they have to be invited again.
    """
    with unit_of_work(user.clinic_id) as session:
        user = fetch(session, User, user.id, by=user, lock=True)
        if user.oidc_subject is None:
            raise ConflictError(f"{user.name} is not connected to the clinic's provider.")
        _forget(session, user)
        sessions.revoke_all(session, user, at=at)
        audit.record(session, Action.PROVIDER_DISCONNECTED, by=user, at=at, object_id=user.id, detail="forgotten")


def of(session: Session, clinic_id: str, *, lock: bool = False) -> IdentityProvider | None:
    """The clinic's provider, inside the caller's unit of work. Whoever holds it takes hold of people after it."""
    query = select(IdentityProvider).where(IdentityProvider.clinic_id == clinic_id)
    if lock:
        query = query.with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _forget_everybody(session: Session, *, by: User, at: datetime) -> None:
    """Nobody is known by the provider any more, and what rests on its word ends; whoever does it stays signed in."""
    query = select(User).where(User.clinic_id == by.clinic_id, User.oidc_subject.is_not(None))
    for user in session.scalars(query.order_by(User.id).with_for_update(of=User)).all():
        _forget(session, user)
        if user.id != by.id:
            sessions.revoke_all(session, user, at=at)


def _forget(session: Session, user: User) -> None:
    """Without a password of their own they are as somebody who is invited, and can be invited again."""
    user.oidc_subject = None
    if user.password_hash is None:
        mine = (SignInName.clinic_id == user.clinic_id, SignInName.user_id == user.id)
        session.execute(delete(SignInName).where(*mine).execution_options(synchronize_session=False))


def _refuse_lock_out(session: Session, clinic_id: str) -> None:
    if not _has_another_way_in(session, clinic_id):
        raise ConflictError(NO_OTHER_WAY)


def _has_another_way_in(session: Session, clinic_id: str) -> bool:
    with_password = (User.clinic_id == clinic_id, User.disabled_at.is_(None), User.password_hash.is_not(None))
    found = session.scalars(select(User.roles_text).where(*with_password)).all()
    return any(Role.ADMINISTRATOR in roles.split(",") for roles in found)


def _refuse(issuer: str, client_id: str, client_secret: str, *, has_secret: bool) -> None:
    wrong = issuer_problem(issuer)
    errors = {
        "issuer": (wrong,) if wrong else text_problems(issuer, most=LONGEST_ISSUER),
        "client_id": text_problems(
            client_id, least=1, most=LONGEST_CLIENT_ID, missing="Give the client ID that the provider made."
        ),
        "client_secret": text_problems(client_secret, most=LONGEST_SECRET) if has_secret else MISSING,
    }
    found = {field: problems for field, problems in errors.items() if problems}
    if found:
        raise InvalidError(found)
