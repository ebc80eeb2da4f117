"""The clinic's own settings: what its paper says about it, and how it wants to work. For the logo see ``logos``."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import InvalidError, StaleError
from app.models import Action, Clinic, User
from app.models.clinic import SENSITIVE
from app.services import audit, patients_index
from app.services.words import text_problems, tidy
from prescriptions.brand import PAPERS, Brand

LONGEST_NAME = 120


def get(*, by: User) -> Clinic:
    """The clinic of ``by``, as the database has it now."""
    with unit_of_work(by.clinic_id) as session:
        return _clinic(session, by=by)


def edit(*, brand: Brand, time_zone: str, revision: int, by: User, at: datetime) -> Clinic:
    """What the paper says. Raises InvalidError by field, StaleError when somebody saved after ``revision``."""
    brand = tidied(brand)
    errors = {field: found for field, found in problems(brand, time_zone).items() if found}
    if errors:
        raise InvalidError(errors)
    with unit_of_work(by.clinic_id) as session:
        clinic = _next_revision(session, revision, by=by, at=at)
        clinic.name, clinic.phone, clinic.address = brand.clinic_name, brand.phone, brand.address
        clinic.hours, clinic.email, clinic.paper = brand.hours, brand.email, brand.paper
        clinic.time_zone = time_zone
        audit.record(session, Action.CLINIC_EDITED, by=by, at=at, object_id=clinic.id, detail="details")
    return clinic


def set_policies(*, restricts_access: bool, sensitive: Iterable[str], revision: int, by: User, at: datetime) -> Clinic:
    """Who opens whose record, and what is kept out of the search. Raises InvalidError, StaleError."""
    marked = frozenset(sensitive)
    if not marked <= set(SENSITIVE):
        raise InvalidError({"sensitive": ("Choose the name, the record number, or both.",)})
    with unit_of_work(by.clinic_id) as session:
        clinic = _next_revision(session, revision, by=by, at=at)
        is_new = clinic.sensitive != marked
        clinic.restricts_access, clinic.sensitive_text = restricts_access, ",".join(sorted(marked))
        if is_new:
            patients_index.reindex(session, clinic)
        detail = f"access={'own' if restricts_access else 'all'} sensitive={clinic.sensitive_text or 'none'}"
        audit.record(session, Action.CLINIC_EDITED, by=by, at=at, object_id=clinic.id, detail=detail)
    return clinic


def tidied(brand: Brand) -> Brand:
    """With each text as it is kept."""
    return replace(
        brand,
        clinic_name=tidy(brand.clinic_name),
        phone=tidy(brand.phone),
        address=tidy(brand.address),
        hours=tidy(brand.hours),
        email=tidy(brand.email),
    )


def problems(brand: Brand, time_zone: str) -> dict[str, tuple[str, ...]]:
    """What is wrong with each field, as sentences; a field without a fault has none."""
    return {
        "name": text_problems(brand.clinic_name, least=2, most=LONGEST_NAME, missing="Give the clinic a name."),
        "phone": text_problems(brand.phone, most=40),
        "address": text_problems(brand.address, most=300),
        "hours": text_problems(brand.hours, most=120),
        "email": text_problems(brand.email, most=254) or _address_problems(brand.email),
        "paper": () if brand.paper in PAPERS else (f"Choose {' or '.join(PAPERS)}.",),
        "time_zone": () if time_zone in available_timezones() else (f"There is no time zone {time_zone!r}.",),
    }


def _address_problems(email: str) -> tuple[str, ...]:
    return () if not email or ("@" in email and " " not in email) else ("That is no e-mail address.",)


def locked(session: Session, *, by: User) -> Clinic:
    """The clinic of ``by``, which nobody else can change until the unit of work ends."""
    query = select(Clinic).where(Clinic.id == by.clinic_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _clinic(session: Session, *, by: User) -> Clinic:
    query = select(Clinic).where(Clinic.id == by.clinic_id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _next_revision(session: Session, revision: int, *, by: User, at: datetime) -> Clinic:
    clinic = locked(session, by=by)
    if clinic.revision != revision:
        raise StaleError(current=_current(clinic), revision=clinic.revision, by=None, at=at)
    clinic.revision = revision + 1
    return clinic


def _current(clinic: Clinic) -> dict[str, object]:
    names = ("name", "phone", "address", "hours", "email", "paper", "time_zone", "restricts_access", "sensitive")
    return {name: getattr(clinic, name) for name in names}
