"""Issued programs: issue, read, download, withdraw; and, from ``history``, find."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import ConflictError, DamagedError, InvalidError
from app.models import Action, IssuedProgram, Patient, User, Withdrawal
from app.models.sealed import OVERHEAD, UnsealableError
from app.services import audit, drafts, issuing, screenings
from app.services.catalogue import pack
from app.services.documents import program_data, typed
from app.services.history import HistoryFilters, HistoryRow, find, rows
from app.services.issuing import Case, Request
from app.services.owned import fetch
from app.services.words import text_problems, tidy
from prescriptions import program_file
from prescriptions.errors import MalformedError

__all__ = [
    "HistoryFilters",
    "HistoryRow",
    "Pdf",
    "current",
    "find",
    "get",
    "issue",
    "issue_file",
    "pdf",
    "rows",
    "versions",
    "withdraw",
]

SHORTEST_REASON, LONGEST_REASON = 10, 500


@dataclass(frozen=True, slots=True)
class Pdf:
    """A handout to hand out."""

    filename: str
    """ASCII, and nothing of the patient in it."""
    content: bytes
    sha256: str


def issue(*, draft_id: str, revision: int, idempotency_key: str, by: User, at: datetime) -> IssuedProgram:
    """Issue the draft as it stands at ``revision``: once, however often it is asked with the same key.

    Raises MalformedError, NotIssuableError, StaleError, ConflictError, UnprintableError, PrinterError.
    """

    def load(session: Session) -> Case:
        draft = drafts.locked(session, draft_id, revision=revision, by=by)
        patient = fetch(session, Patient, draft.patient_id, by=by)
        base = fetch(session, IssuedProgram, draft.supersedes_id, by=by) if draft.supersedes_id else None
        screening = screenings.newest(session, patient)
        program = program_file.read(program_data(typed(draft.document), patient, screening), pack())
        return Case(patient, patient.revision, screening.id if screening else None, program, base)

    def settle(session: Session) -> None:
        drafts.remove(session, drafts.locked(session, draft_id, revision=revision, by=by))

    return issuing.once(Request.of(idempotency_key, "draft", draft_id, revision), load, settle, by=by, at=at)


def issue_file(
    *,
    patient_id: str,
    document: Mapping[str, object],
    supersedes: str | None = None,
    idempotency_key: str,
    by: User,
    at: datetime,
) -> IssuedProgram:
    """Issue a program file without ``patient`` for a patient of the clinic, as ``issue`` does with a draft.

    A ``screening`` in it is recorded with the patient; without one, the newest recorded screening holds.
    """
    if "patient" in document:
        raise MalformedError({"patient": ["Comes from the patient's record; leave it out."]})
    new_screening: list[dict[str, object]] = []

    def load(session: Session) -> Case:
        patient = fetch(session, Patient, patient_id, by=by)
        base = fetch(session, IssuedProgram, supersedes, by=by) if supersedes is not None else None
        if base is not None and base.patient_id != patient.id:
            raise ConflictError(f"{base.number} was made for another patient.")
        screening = screenings.newest(session, patient)
        program = program_file.read(program_data(document, patient, screening), pack())
        if "screening" in document:
            new_screening.extend(screenings.news(document["screening"], screening, by=by, at=at))
        return Case(patient, patient.revision, screening.id if screening else None, program, base)

    def settle(session: Session) -> None:
        patient = fetch(session, Patient, patient_id, by=by)
        for kept in new_screening:
            screenings.append(session, patient, document=kept, by=by, at=at)

    request = Request.of(idempotency_key, "file", patient_id, supersedes, dict(document))
    return issuing.once(request, load, settle, by=by, at=at)


def get(program_id: str, *, by: User, at: datetime) -> IssuedProgram:
    """The program, for somebody to look at: it leaves a trace. Raises NotFoundError."""
    with unit_of_work(by.clinic_id) as session:
        program = fetch(session, IssuedProgram, program_id, by=by)
        audit.record(session, Action.PROGRAM_VIEWED, by=by, at=at, object_id=program.id, patient_id=program.patient_id)
    return program


def versions(program: IssuedProgram, *, by: User) -> Sequence[IssuedProgram]:
    """All versions of the program, newest first."""
    query = select(IssuedProgram).where(
        IssuedProgram.clinic_id == by.clinic_id, IssuedProgram.series_id == program.series_id
    )
    with unit_of_work(by.clinic_id) as session:
        return session.scalars(
            query.order_by(IssuedProgram.version.desc()).execution_options(populate_existing=True)
        ).all()


def current(program: IssuedProgram, *, by: User) -> IssuedProgram:
    """The newest version of the program, which may be withdrawn."""
    return versions(program, by=by)[0]


def pdf(program_id: str, *, by: User, at: datetime) -> Pdf:
    """The handout as it was issued. Raises NotFoundError; DamagedError rather than hand out other bytes."""
    with unit_of_work(by.clinic_id) as session:
        program = fetch(session, IssuedProgram, program_id, by=by)
        content = _intact(program)
        action = Action.PROGRAM_DAMAGED if content is None else Action.PROGRAM_DOWNLOADED
        audit.record(session, action, by=by, at=at, object_id=program.id, patient_id=program.patient_id)
    if content is None:
        raise DamagedError(program.number, program.version)
    return Pdf(f"{program.number}-v{program.version}.pdf", content, program.pdf_sha256)


def _intact(program: IssuedProgram) -> bytes | None:
    """The octets that were issued; None when what is stored is not them."""
    try:
        content = program.pdf
    except UnsealableError:
        return None
    return content if hashlib.sha256(content).hexdigest() == program.pdf_sha256 else None


def pdf_size(program: IssuedProgram, *, by: User) -> int:
    """Octets of the program's PDF, for the words of its download link."""
    query = select(func.length(IssuedProgram._pdf)).where(  # noqa: SLF001 - its length needs no key
        IssuedProgram.id == program.id, IssuedProgram.clinic_id == by.clinic_id
    )
    with unit_of_work(by.clinic_id) as session:
        octets: int = session.scalars(query).one()
    return octets - OVERHEAD


def withdraw(program_id: str, *, reason: str, by: User, at: datetime) -> IssuedProgram:
    """Take the program back. Raises InvalidError for a missing reason, ConflictError unless it is current."""
    reason = tidy(reason)
    problems = text_problems(
        reason, least=SHORTEST_REASON, most=LONGEST_REASON, missing="Say why the program is withdrawn."
    )
    if problems:
        raise InvalidError({"reason": problems})
    with unit_of_work(by.clinic_id) as session:
        patient_id = fetch(session, IssuedProgram, program_id, by=by).patient_id
        # As issuing does. A program can't be locked: the service may not change it.
        fetch(session, Patient, patient_id, by=by, lock=True)
        program = fetch(session, IssuedProgram, program_id, by=by)
        if program.status != "current":
            raise ConflictError(f"{program.number}, version {program.version}, is {program.status} already.")
        withdrawal = Withdrawal(
            clinic_id=by.clinic_id, program_id=program.id, reason=reason, withdrawn_by_id=by.id, withdrawn_at=at
        )
        session.add(withdrawal)
        session.flush()
        audit.record(
            session, Action.PROGRAM_WITHDRAWN, by=by, at=at, object_id=program.id, patient_id=program.patient_id
        )
        return fetch(session, IssuedProgram, program.id, by=by)
