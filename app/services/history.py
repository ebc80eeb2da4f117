"""What a clinic has issued: search it, and take it away as a table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select

from app.database import unit_of_work
from app.errors import InvalidError
from app.models import Action, IssuedProgram, Patient, User
from app.services import audit, patients_index
from app.services.owned import Page, is_id, page_of, patient_asked_for
from app.services.reach import within_reach
from app.services.words import every_word, iso_date, search_problems

STATUSES = ("current", "superseded", "withdrawn")

_NO_DATE = "Give the date as year, month, day: 2026-11-23."
_FITS: tuple[tuple[str, Callable[[str], object], str], ...] = (
    ("status", STATUSES.__contains__, f"Choose one of: {', '.join(STATUSES)}."),
    ("patient_id", is_id, "This is no id."),
    ("issued_by_id", is_id, "This is no id."),
    ("issued_from", iso_date, _NO_DATE),
    ("issued_to", iso_date, _NO_DATE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFilters:
    """What to look for. Empty means all."""

    text: str = ""
    """Words of the patient's name or record number, or the program's number."""
    status: str = ""
    """One of ``STATUSES``."""
    issued_from: str = ""
    """ISO date, in the clinic's time zone; that day included."""
    issued_to: str = ""
    """ISO date; that day included."""
    patient_id: str = ""
    issued_by_id: str = ""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One issued program as a line of a table."""

    number: str
    version: int
    status: str
    issued_at: datetime
    """In the clinic's time zone."""
    issued_by: str
    patient_name: str
    patient_identifier: str
    patient_birth_date: str
    pack: str
    pack_version: str
    pdf_sha256: str


def find(*, filters: HistoryFilters, page: int, by: User, at: datetime) -> Page[IssuedProgram]:
    """Issued programs, newest first. Raises InvalidError for a filter that is none."""
    query = _query(filters, by=by)
    with unit_of_work(by.clinic_id) as session:
        patient_id = patient_asked_for(session, filters.patient_id, by=by)
        audit.record(session, Action.PROGRAMS_SEARCHED, by=by, at=at, patient_id=patient_id)
        return page_of(session, query, page)


def check(filters: HistoryFilters) -> None:
    """Raises InvalidError for a filter that is none."""
    if errors := dict(_problems(filters)):
        raise InvalidError(errors)


def rows(*, filters: HistoryFilters, by: User, at: datetime) -> Iterator[HistoryRow]:
    """All that ``find`` finds, as lines. Read at once: whoever is slow to take them must not hold up the clinic."""
    query = _query(filters, by=by)
    zone = ZoneInfo(by.clinic.time_zone)
    with unit_of_work(by.clinic_id) as session:
        patient_id = patient_asked_for(session, filters.patient_id, by=by)
        audit.record(session, Action.HISTORY_EXPORTED, by=by, at=at, patient_id=patient_id)
        found = session.scalars(query.execution_options(populate_existing=True))
        return iter([_row(program, zone) for program in found])


def therapists(*, by: User) -> Sequence[User]:
    """Whoever has issued a program in the clinic, by name."""
    issued = select(IssuedProgram.issued_by_id).where(IssuedProgram.clinic_id == by.clinic_id)
    query = select(User).where(User.clinic_id == by.clinic_id, User.id.in_(issued)).order_by(User.name, User.id)
    with unit_of_work(by.clinic_id) as session:
        return session.scalars(query).all()


def _query(filters: HistoryFilters, *, by: User) -> Select[IssuedProgram]:
    since, until = _bounds(filters, zone=ZoneInfo(by.clinic.time_zone))
    also = patients_index.other_words(by.clinic)
    query = (
        select(IssuedProgram)
        .join(Patient, Patient.id == IssuedProgram.patient_id)
        .where(IssuedProgram.clinic_id == by.clinic_id, Patient.clinic_id == by.clinic_id)
        .where(within_reach(IssuedProgram.patient_id, by=by))
        .where(*every_word(filters.text, Patient.search_text, func.lower(IssuedProgram.number), also=also))
        .order_by(IssuedProgram.issued_at.desc(), IssuedProgram.id)
    )
    wanted = {
        IssuedProgram.status: filters.status,
        IssuedProgram.patient_id: filters.patient_id,
        IssuedProgram.issued_by_id: filters.issued_by_id,
    }
    query = query.where(*(column == value for column, value in wanted.items() if value))
    if since is not None:
        query = query.where(IssuedProgram.issued_at >= since)
    return query if until is None else query.where(IssuedProgram.issued_at < until)


def _bounds(filters: HistoryFilters, *, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    check(filters)
    since, last = iso_date(filters.issued_from), iso_date(filters.issued_to)
    return (
        datetime.combine(since, time.min, zone) if since else None,
        datetime.combine(last + timedelta(days=1), time.min, zone) if last else None,
    )


def _problems(filters: HistoryFilters) -> Iterator[tuple[str, Sequence[str]]]:
    if problems := search_problems(filters.text):
        yield "text", problems
    for name, fits, sentence in _FITS:
        given: str = getattr(filters, name)
        if given and not fits(given):
            yield name, [sentence]


def _row(program: IssuedProgram, zone: ZoneInfo) -> HistoryRow:
    return HistoryRow(
        number=program.number,
        version=program.version,
        status=program.status,
        issued_at=program.issued_at.astimezone(zone),
        issued_by=program.issued_by.name,
        patient_name=program.patient.name,
        patient_identifier=program.patient.identifier or "",
        patient_birth_date=program.patient.birth_date or "",
        pack=program.pack_id,
        pack_version=program.pack_version,
        pdf_sha256=program.pdf_sha256,
    )
