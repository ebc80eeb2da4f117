"""Invitations: from a name and an address to somebody who signs in. Nobody ever chooses a password for another."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.database import unit_of_work
from app.errors import AddressTakenError, ConflictError, InvalidError
from app.models import Action, Clinic, OneTimeLink, Role, SignInName, User
from app.services import audit, links, passwords, person
from app.services.colleagues import has_joined
from app.services.links import Kind
from app.services.owned import fetch
from app.services.people import address_index
from app.services.words import address_of, tidy

_TAKEN = {"email": ["Somebody with this address is in your clinic already."]}


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that was made just now."""

    user: User
    token: str
    """For the link. Only its hash is kept."""


def invite(
    *, email: str, name: str, roles: Iterable[Role], clinic: Clinic, by: User | None, at: datetime
) -> Invitation:
    """Invite somebody new. ``by`` is None from the command line. Raises InvalidError by field.

    Whether another clinic knows the address is not looked at: whoever invites must not learn it from the answer.
    """
    address, name, chosen = address_of(email), tidy(name), frozenset(roles)
    _refuse(person.problems(name=name, email=email, roles=chosen))
    with _refusing_doubles(), unit_of_work(clinic.id) as session:
        if session.scalars(select(User.id).where(User.email == address, User.clinic_id == clinic.id)).one_or_none():
            raise InvalidError(_TAKEN)
        user = User(clinic_id=clinic.id, email=address, name=name, created_at=at)
        user.roles = chosen
        session.add(user)
        session.flush()
        session.refresh(user)  # with its clinic, for whoever writes the letter after the commit
        token = links.make(session, Kind.INVITATION, user=user, by=by, at=at)
        audit.record(session, Action.USER_INVITED, by=by or user, at=at, object_id=user.id)
    return Invitation(user, token)


def invite_again(user_id: str, *, by: User, at: datetime) -> Invitation:
    """A new link; the one from before is worthless. Raises NotFoundError, ConflictError for somebody who has joined."""
    with unit_of_work(by.clinic_id) as session:
        user = fetch(session, User, user_id, by=by, lock=True)
        _refuse_joined(user)
        token = links.make(session, Kind.INVITATION, user=user, by=by, at=at)
        audit.record(session, Action.USER_INVITED, by=by, at=at, object_id=user.id, detail="again")
    return Invitation(user, token)


def withdraw(user_id: str, *, by: User, at: datetime) -> User:
    """Take the invitation back, and forget whom it was for. Raises NotFoundError, ConflictError."""
    try:
        with unit_of_work(by.clinic_id) as session:
            user = fetch(session, User, user_id, by=by, lock=True)
            _refuse_joined(user)
            mine = (OneTimeLink.clinic_id == user.clinic_id, OneTimeLink.user_id == user.id)
            session.execute(delete(OneTimeLink).where(*mine).execution_options(synchronize_session=False))
            session.delete(user)
            audit.record(session, Action.INVITATION_WITHDRAWN, by=by, at=at, object_id=user.id)
    except IntegrityError as error:  # they stand in a care team, or have worked here before
        raise ConflictError("Something in the clinic names this person. Disable the account instead.") from error
    return user


def invited(token: str, *, at: datetime) -> User:
    """Who is invited by this link. Raises LinkError."""
    clinic_id = links.clinic_id_of(Kind.INVITATION, token)
    with unit_of_work(clinic_id) as session:
        return links.owner(session, Kind.INVITATION, token, at=at)


def accept(token: str, *, password: str, tells: bool = True, at: datetime) -> User:
    """Join with a password of one's own. Raises LinkError, InvalidError by field, AddressTakenError.

    An address that opens an account already, here or elsewhere, is told to the mailbox's owner alone; the invitation
    stays as it was. Without ``tells``, for a link that somebody else may have had in hand, nobody is told: it is
    accepted like any other, and the address goes on opening what it opened.
    """
    user = invited(token, at=at)
    refuse_weak(password, user=user)
    kept = passwords.hashed(password)  # outside the transaction: a hash takes a while, and SQLite has one writer
    try:
        return _accepted(token, user, kept, tells=tells, at=at)
    except IntegrityError as error:  # two clinics' invitations, accepted in the same moment
        if tells:
            raise AddressTakenError from error
    return _accepted(token, user, kept, tells=False, at=at)


def _accepted(token: str, user: User, kept: str, *, tells: bool, at: datetime) -> User:
    with unit_of_work(user.clinic_id) as session:
        user = fetch(session, User, user.id, by=user, lock=True)
        links.use(session, Kind.INVITATION, token, at=at)
        user.password_hash = kept
        index = address_index(user.email)
        is_taken = session.get(SignInName, index) is not None
        if is_taken and tells:
            raise AddressTakenError
        if not is_taken:
            session.add(SignInName(address_index=index, clinic_id=user.clinic_id, user_id=user.id))
        audit.record(session, Action.INVITATION_ACCEPTED, by=user, at=at, object_id=user.id)
    return user


def refuse_weak(password: str, *, user: User) -> None:
    """Raises InvalidError for a password that is short, widely known, or made of the person's own words."""
    _refuse({"password": passwords.problems(password, words=passwords.words_of(user))})


def _refuse_joined(user: User) -> None:
    if has_joined(user):
        raise ConflictError("This person has accepted the invitation already.")


@contextmanager
def _refusing_doubles() -> Iterator[None]:
    """For two administrators who invite one address in the same moment: only the database sees both."""
    try:
        yield
    except IntegrityError as error:
        raise InvalidError(_TAKEN) from error


def _refuse(errors: dict[str, tuple[str, ...]]) -> None:
    found = {field: problems for field, problems in errors.items() if problems}
    if found:
        raise InvalidError(found)
