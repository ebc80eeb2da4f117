"""Clinics, and the people who work there. Used from the command line."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import AddressTakenError, ConflictError, InvalidError
from app.models import Action, Clinic, Role, SignInName, User
from app.scope import INSTALLATION, SIGN_IN
from app.services import audit, clinics, keys, passwords, person
from app.services.words import address_of, tidy
from prescriptions.brand import Brand


def add_clinic(*, brand: Brand, time_zone: str = "Europe/London", at: datetime) -> Clinic:
    """A new clinic. Raises InvalidError by field, ConflictError when there is one of that name."""
    brand = clinics.tidied(brand)
    name = brand.clinic_name
    _refuse(clinics.problems(brand, time_zone))
    with unit_of_work(INSTALLATION) as session:
        if session.scalars(select(Clinic.id).where(Clinic.name == name)).first():
            raise ConflictError(f"There is a clinic named {name!r} already.")
        clinic = Clinic(
            name=name,
            phone=brand.phone,
            address=brand.address,
            hours=brand.hours,
            email=brand.email,
            paper=brand.paper,
            time_zone=time_zone,
            is_demonstration=brand.is_demonstration,
            requires_second_factor=not brand.is_demonstration,
            created_at=at,
        )
        session.add(clinic)
        session.flush()
        audit.begin(session, clinic.id)
        keys.first_key(session, clinic.id, at=at)
    return clinic


def add_user(*, clinic: Clinic, email: str, name: str, roles: Iterable[Role], password: str, at: datetime) -> User:
    """Somebody new in the clinic. Raises InvalidError by field, ConflictError when the address is taken."""
    address, name, chosen = address_of(email), tidy(name), frozenset(roles)
    weak = passwords.problems(password, words=(name, address, clinic.name))
    _refuse(person.problems(name=name, email=email, roles=chosen) | {"password": weak})
    kept = passwords.hashed(password)
    with unit_of_work(clinic.id) as session:
        index = address_index(address)
        invited = select(User.id).where(User.clinic_id == clinic.id, User.email == address)
        if session.get(SignInName, index) or session.scalars(invited).one_or_none():
            raise ConflictError(f"Somebody with the address {address} is here already.")
        user = User(clinic_id=clinic.id, email=address, name=name, password_hash=kept, created_at=at)
        user.roles = chosen
        session.add(user)
        session.flush()
        session.add(SignInName(address_index=index, clinic_id=clinic.id, user_id=user.id))
        session.flush()
        session.refresh(user)
        audit.record(session, Action.USER_ADDED, by=user, at=at, object_id=user.id)
    return user


def clinics_named(name: str) -> Sequence[Clinic]:
    """The clinics of that name, for the command line: each clinic chooses its own, so that there may be several."""
    with unit_of_work(INSTALLATION) as session:
        return session.scalars(select(Clinic).where(Clinic.name == tidy(name)).order_by(Clinic.id)).all()


def clinic_called(name_or_id: str) -> Clinic | None:
    """The clinic of that id or name, for the command line. Raises ConflictError where several have the name."""
    with unit_of_work(INSTALLATION) as session:
        found = session.scalars(select(Clinic).where(Clinic.id == name_or_id)).one_or_none()
    if found is not None:
        return found
    named = clinics_named(name_or_id)
    if len(named) > 1:
        ids = ", ".join(clinic.id for clinic in named)
        raise ConflictError(
            f"Several clinics are named {name_or_id!r}. Give the id in place of the name, one of: {ids}."
        )
    return named[0] if named else None


def user_with_address(email: str) -> User | None:
    """Who has that e-mail address, in whichever clinic."""
    with unit_of_work(SIGN_IN) as session:
        known = session.get(SignInName, address_index(address_of(email)))
    if known is None:
        return None
    with unit_of_work(known.clinic_id) as session:
        return session.get(User, known.user_id)


def address_index(address: str) -> str:
    """Where ``SignInName`` has the address."""
    return keys.keyring().blind("address", address)


def take_name(session: Session, user: User) -> None:
    """Have the person's address open their account, as it may have before. Raises AddressTakenError."""
    index = address_index(user.email)
    name = session.get(SignInName, index)
    if name is None:
        session.add(SignInName(address_index=index, clinic_id=user.clinic_id, user_id=user.id))
    elif name.user_id != user.id:
        raise AddressTakenError


def brand_of(clinic: Clinic) -> Brand:
    """What the clinic's paper says about it."""
    return Brand(
        clinic_name=clinic.name,
        phone=clinic.phone,
        address=clinic.address,
        hours=clinic.hours,
        email=clinic.email,
        paper=clinic.paper,
        is_demonstration=clinic.is_demonstration,
    )


def _refuse(errors: dict[str, tuple[str, ...]]) -> None:
    found = {field: problems for field, problems in errors.items() if problems}
    if found:
        raise InvalidError(found)
