"""Builders for a clinic that seals what patients are called, or restricts who opens their records."""

from flask import Flask
from sqlalchemy import select, update

from app.clock import now
from app.database import unit_of_work
from app.models import Clinic, Role, User
from app.services import patients_index, people
from tests.conftest import PASSWORD
from tests.records import change


def seal_names(by: User, *marks: str) -> User:
    """Mark what patients are called as sensitive, and index them anew; ``by`` as they are then."""
    with unit_of_work(by.clinic_id) as session:
        clinic = session.scalars(select(Clinic)).one()
        clinic.sensitive_text = ",".join(sorted(marks))
        patients_index.reindex(session, clinic)
    return again(by)


def restrict(app: Flask, by: User, *, is_restricted: bool = True) -> None:
    """Let therapists of the clinic open the records of their own patients only; or of all."""
    change(app, update(Clinic).where(Clinic.id == by.clinic_id).values(restricts_access=is_restricted))


def again(user: User) -> User:
    """Somebody as the database knows them now, with their clinic."""
    with unit_of_work(user.clinic_id) as session:
        query = select(User).where(User.id == user.id).execution_options(populate_existing=True)
        found = session.scalars(query).one()
        session.expunge_all()
    return found


def a_colleague(by: User, name: str = "Cara Voss", *roles: Role) -> User:
    """Somebody else of the clinic: a therapist, unless said otherwise."""
    address = f"{name.split(maxsplit=1)[0].lower()}@clinic.example"
    clinic = again(by).clinic
    added = people.add_user(
        clinic=clinic, email=address, name=name, roles=roles or (Role.THERAPIST,), password=PASSWORD, at=now()
    )
    return again(added)
