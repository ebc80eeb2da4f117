"""Issuing a program: everything a patient gets is written in one transaction, or nothing is.

Composing and printing come before that transaction, because SQLite has one writer and printing takes a while; the
transaction then makes sure that what was printed is still true.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import ConflictError, InvalidError, KeyReusedError, NotAllowedError
from app.models import Action, IssuedProgram, Patient, Role, User
from app.models.base import new_id
from app.services import audit, care_team, screenings
from app.services.catalogue import pack
from app.services.owned import fetch
from app.services.people import brand_of
from app.services.printing import print_handout
from app.services.reach import is_limited, refuse_outsiders
from app.services.words import text_problems
from prescriptions import handout_file, program_file
from prescriptions.check import Outcome, Verdict, check
from prescriptions.errors import NotIssuableError
from prescriptions.handout import Edition, compose
from prescriptions.program import Program

ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
"""Nothing that is misread or misheard for another, and no vowels, so that no number is a word."""
NUMBER_LENGTH = 8
KEY_LENGTHS = (8, 120)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked to be issued, with the key that makes asking twice the same as asking once."""

    key: str
    sha256: str
    """Hash of what was asked."""

    @classmethod
    def of(cls, key: str, *asked: object) -> "Request":
        """Raises InvalidError when ``key`` is none."""
        least, most = KEY_LENGTHS
        problems = text_problems(key, least=least, most=most, missing="Send an idempotency key.")
        if problems:
            raise InvalidError({"idempotency_key": problems})
        text = json.dumps(asked, sort_keys=True)
        return cls(key, hashlib.sha256(text.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be issued, and what that rests on."""

    patient: Patient
    patient_revision: int
    screening_id: str | None
    """The newest screening that is recorded."""
    program: Program
    base: IssuedProgram | None
    """The version it supersedes."""


Load = Callable[[Session], Case]
"""Reads the case; raises what stands against it."""
Settle = Callable[[Session], None]
"""What else changes together with the program."""


def once(request: Request, load: Load, settle: Settle, *, by: User, at: datetime) -> IssuedProgram:
    """Issue the case, or return what the same request issued before. Check, print, and then write."""
    with unit_of_work(by.clinic_id) as session:
        before = _replayed(session, request, by=by, at=at)
        if before is not None:
            return before
        case = load(session)
        _refuse_superseded(session, case.base)
    verdict = check(case.program, pack())
    if verdict.verdict is not Outcome.ISSUABLE:
        raise NotIssuableError(verdict.verdict.value)
    edition = _edition(case.base, by=by, at=at)
    handout = compose(case.program, pack(), brand_of(by.clinic), edition)
    pdf = print_handout(handout)
    program = _issued(case, verdict, edition, request, by=by, at=at)
    program.handout_json = _canonical(handout_file.to_dict(handout))
    program.pdf, program.pdf_sha256 = pdf, hashlib.sha256(pdf).hexdigest()
    return _written(program, case, request, settle, by=by, at=at)


def _replayed(session: Session, request: Request, *, by: User, at: datetime) -> IssuedProgram | None:
    query = select(IssuedProgram).where(
        IssuedProgram.clinic_id == by.clinic_id, IssuedProgram.idempotency_key == request.key
    )
    program = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if program is None:
        return None
    refuse_outsiders(session, program.patient_id, by=by)
    if program.request_sha256 != request.sha256:
        raise KeyReusedError
    _record(session, Action.PROGRAM_VIEWED, program, by=by, at=at, detail="issued_before")
    return program


def _record(
    session: Session, action: Action, program: IssuedProgram, *, by: User, at: datetime, detail: str | None
) -> None:
    audit.record(
        session,
        action,
        by=by,
        at=at,
        object_id=program.id,
        patient_id=program.patient_id,
        detail=detail,
        pack_version=program.pack_version,
    )


def _edition(base: IssuedProgram | None, *, by: User, at: datetime) -> Edition:
    return Edition(
        number=base.number if base else new_number(),
        version=base.version + 1 if base else 1,
        issued_on=at.astimezone(ZoneInfo(by.clinic.time_zone)).date().isoformat(),
        replaces=base.version if base else None,
        therapist=by.name,
    )


def _issued(
    case: Case, verdict: Verdict, edition: Edition, request: Request, *, by: User, at: datetime
) -> IssuedProgram:
    program_id = new_id()
    return IssuedProgram(
        id=program_id,
        clinic_id=by.clinic_id,
        series_id=case.base.series_id if case.base else program_id,
        number=edition.number,
        version=edition.version,
        supersedes_id=case.base.id if case.base else None,
        patient_id=case.patient.id,
        issued_by_id=by.id,
        issued_at=at,
        pack_id=verdict.pack_id,
        pack_version=verdict.pack_version,
        pack_digest=verdict.digest,
        program_json=program_file.canonical(case.program),
        verdict_json=_canonical(verdict.to_dict()),
        idempotency_key=request.key,
        request_sha256=request.sha256,
    )


def _written(
    program: IssuedProgram, case: Case, request: Request, settle: Settle, *, by: User, at: datetime
) -> IssuedProgram:
    try:
        with unit_of_work(by.clinic_id) as session:
            by = _still_issuing(session, by)
            # First the lock, then the look: whoever waited here finds what the other has issued.
            patient = fetch(session, Patient, case.patient.id, by=by, lock=True)
            before = _replayed(session, request, by=by, at=at)
            if before is not None:
                return before
            _refuse_changed(session, patient, case)
            settle(session)
            session.add(program)
            session.flush()
            session.refresh(program)  # for its readers: there is no reading later, outside of a clinic
            # Where access is limited, an emergency may have let them in, and that ends.
            joined = None if is_limited(by) else care_team.join(session, patient.id, by=by, at=at)
            _record(session, Action.PROGRAM_ISSUED, program, by=by, at=at, detail=joined)
    except IntegrityError as error:
        # Only PostgreSQL comes here: two requests with one key for two patients hold different locks.
        raise ConflictError("Something else was issued in the same moment. Nothing was issued; try again.") from error
    return program


def _still_issuing(session: Session, by: User) -> User:
    """Whoever issues, as they are now: printing takes a while, and a role is gone the moment it is taken away."""
    query = select(User).where(User.id == by.id).with_for_update(of=User, read=True)
    found = session.scalars(query.execution_options(populate_existing=True)).one()
    if found.disabled_at is not None or Role.THERAPIST not in found.roles:
        raise NotAllowedError
    return found


def _refuse_changed(session: Session, patient: Patient, case: Case) -> None:
    screening = screenings.newest(session, patient)
    if patient.revision != case.patient_revision or (screening.id if screening else None) != case.screening_id:
        raise ConflictError("The patient's record changed while the program was being printed. Check it once more.")
    _refuse_superseded(session, case.base)


def _refuse_superseded(session: Session, base: IssuedProgram | None) -> None:
    if base is None:
        return
    query = select(IssuedProgram.version).where(
        IssuedProgram.clinic_id == base.clinic_id, IssuedProgram.supersedes_id == base.id
    )
    newer = session.scalars(query).one_or_none()
    if newer is not None:
        raise ConflictError(f"{base.number} has a version {newer} already. Start again from the newest one.")


def new_number() -> str:
    """A program number for people: "HW-7F3K2Q9P"."""
    return "HW-" + "".join(secrets.choice(ALPHABET) for _ in range(NUMBER_LENGTH))


def _canonical(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
