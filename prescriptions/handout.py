"""What the sheet says, in reading order: the contract between the clinic and the paper."""

import base64
from dataclasses import dataclass, replace

from prescriptions import handout_texts, layouts, qr, wording
from prescriptions.brand import ACCENT, SECOND, TYPEFACES, Brand
from prescriptions.catalogue import Contrast, Pack, Question, Sourced
from prescriptions.changes import Change, changes
from prescriptions.handout_sheets import Sheet, sheets
from prescriptions.program import Patient, Program
from prescriptions.program_file import canonical
from prescriptions.qr import Lookup

LANGUAGE = "en"
DIARY_WEEKS = 26
"""Rows of the diary at most: two tables of a quarter of a year each."""
DIARY_WEEKS_UNKNOWN = 6
"""Rows of the diary of a program without an end."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Which issue of a program this sheet is."""

    number: str
    """The program number, the same for every version: "HW-7F3K2Q9P"."""
    version: int
    issued_on: str
    """ISO date, YYYY-MM-DD."""
    replaces: int | None = None
    """The version that the patient should throw away."""
    therapist: str | None = None
    review_on: str | None = None
    """ISO date on which the program is looked at again; the program's last day where none is given."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A label with its value. An empty value is printed as a ruled line to write on."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Diary:
    """The table to tick."""

    weeks: int
    """Rows that are printed; at most two pages of them."""
    sessions: int
    """Tick boxes in each row."""
    help: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handout:
    """The whole sheet. Nothing in it is looked up or computed again when it is printed."""

    language: str
    paper: str
    title: str
    patient_name: str
    program_number: str
    version: int
    issued_on: str
    """ISO date, YYYY-MM-DD; the only date the PDF carries as its own."""
    notice: str
    """On every page; empty unless the clinic is a demonstration."""
    clinic_name: str
    contact: tuple[Fact, ...]
    patient: tuple[Fact, ...]
    edition: tuple[Fact, ...]
    purpose: tuple[Sourced, ...]
    stop_title: str
    stop: tuple[Sourced, ...]
    """The stop box comes this early so that no long name or address can push it off page 1."""
    call: tuple[Fact, ...]
    """Whom to call, and when."""
    warm_up: tuple[Sourced, ...]
    schedule: tuple[Sourced, ...]
    """How often, how long, and when."""
    exercises: tuple[Sheet, ...]
    principles: tuple[Sourced, ...]
    """What holds for every exercise."""
    anatomy: tuple[Sourced, ...]
    contrasts: tuple[Contrast, ...]
    contrast_close: tuple[Sourced, ...]
    questions: tuple[Question, ...]
    diary: Diary
    sources: tuple[str, ...]

    # Since format 2. What was stored before has none of them, and reads as if it had these.
    layout: str = layouts.STANDARD
    """One of ``layouts.LAYOUTS``: how the same content is set."""
    monochrome: bool = False
    typeface: str = TYPEFACES[0]
    accent: str = ACCENT
    second: str = SECOND
    logo: str = ""
    """A PNG in base64, or empty."""
    identity: str = ""
    """On every page: name, and birth date or record number."""
    issue: str = ""
    """On every page: program, version and date."""
    footer: str = ""
    """On every page: the clinic's own line, or empty."""
    review: tuple[Fact, ...] = ()
    """When the program is looked at again."""
    changed: str = ""
    """What a reader of the version before should know first; empty in a first version."""
    changes: tuple[Change, ...] = ()
    lookup: tuple[Fact, ...] = ()
    """Where to ask whether this sheet is still current: an address and a code."""
    square: str = ""
    """The same address as one inline SVG to scan."""
    program_file: str = ""
    """The program file in its one form, with a line's end: it goes with the paper, inside the PDF."""


def compose(
    program: Program,
    pack: Pack,
    brand: Brand,
    edition: Edition,
    *,
    previous: Program | None = None,
    lookup: Lookup | None = None,
) -> Handout:
    """Say everything once, in words. Expects an issuable program: each exercise published, each dose and side given.

    ``previous`` is the program that this one replaces. Raises ValueError where the brand's colours are none.
    """
    different = None if previous is None else changes(previous, program, pack)
    content = _content(program, pack, brand, edition)
    return _branded(_marked(content, program, edition, different), brand, lookup)


def _content(program: Program, pack: Pack, brand: Brand, edition: Edition) -> Handout:
    texts = pack.education
    return Handout(
        language=LANGUAGE,
        paper=brand.paper,
        title=pack.plain_title,
        patient_name=program.patient.name or "",
        program_number=edition.number,
        version=edition.version,
        issued_on=edition.issued_on,
        notice=wording.DEMONSTRATION if brand.is_demonstration else "",
        clinic_name=brand.clinic_name,
        contact=_contact(brand),
        patient=_patient(program.patient),
        edition=_edition(edition),
        purpose=texts.purpose,
        stop_title=wording.STOP,
        stop=texts.stop,
        call=_call(brand),
        warm_up=handout_texts.warm_up(program, pack),
        schedule=handout_texts.schedule(program, pack),
        exercises=sheets(program, pack),
        principles=handout_texts.principles(program, pack),
        anatomy=texts.anatomy,
        contrasts=texts.contrasts,
        contrast_close=texts.contrast_close,
        questions=handout_texts.questions(program, pack),
        diary=_diary(program),
        sources=handout_texts.sources(pack),
        program_file=f"{canonical(program)}\n",
    )


def _marked(handout: Handout, program: Program, edition: Edition, different: tuple[Change, ...] | None) -> Handout:
    """Which sheet it is, until when it holds, and what is new in it."""
    return replace(
        handout,
        identity=wording.identity(program.patient),
        issue=wording.issue(edition.number, edition.version, edition.issued_on),
        review=(Fact("Next check", _review_day(program, edition)),),
        changed="" if different is None else wording.changed(edition.replaces, anything=bool(different)),
        changes=different or (),
    )


def _branded(handout: Handout, brand: Brand, lookup: Lookup | None) -> Handout:
    accent, second = brand.shades
    return replace(
        handout,
        layout=layouts.suitable(brand.layout, len(handout.exercises)),
        typeface=brand.typeface,
        accent=accent.printed,
        second=second.printed,
        logo=base64.b64encode(brand.logo).decode(),
        footer=brand.footer,
        lookup=(Fact("Address", lookup.address), Fact("Code", lookup.code)) if lookup else (),
        square=qr.square(lookup.address, wording.SQUARE) if lookup else "",
    )


def arranged(
    handout: Handout, *, layout: str | None = None, paper: str | None = None, monochrome: bool = False
) -> Handout:
    """The same content, printed otherwise: for whoever needs larger type, other paper, or no colour."""
    return replace(
        handout,
        layout=layout or handout.layout,
        paper=paper or handout.paper,
        monochrome=monochrome or handout.monochrome,
    )


def _given(*facts: Fact) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact.value)


def _contact(brand: Brand) -> tuple[Fact, ...]:
    return (
        Fact("Phone", brand.phone),
        *_given(Fact("Address", brand.address), Fact("Email", brand.email)),
    )


def _call(brand: Brand) -> tuple[Fact, ...]:
    return (Fact("Call us", brand.phone), *_given(Fact("Open", brand.hours)))


def _patient(patient: Patient) -> tuple[Fact, ...]:
    return (
        Fact("Name", patient.name or ""),
        Fact("Born", wording.day(patient.birth_date) if patient.birth_date else ""),
        Fact("Record number", patient.identifier or ""),
    )


def _edition(edition: Edition) -> tuple[Fact, ...]:
    return (
        Fact("Date", wording.day(edition.issued_on)),
        Fact("Program", edition.number),
        Fact("Version", wording.version(edition.version, edition.replaces)),
        *_given(Fact("Therapist", edition.therapist or "")),
    )


def _review_day(program: Program, edition: Edition) -> str:
    day = edition.review_on or wording.last_day(program.starts_on, program.weeks)
    return wording.day(day) if day else ""


def _diary(program: Program) -> Diary:
    sessions = [item.sessions_per_week or program.sessions_per_week or 1 for item in program.items]
    weeks = program.weeks or DIARY_WEEKS_UNKNOWN
    room = (wording.diary_room(DIARY_WEEKS),) if weeks > DIARY_WEEKS else ()
    return Diary(
        weeks=min(weeks, DIARY_WEEKS),
        sessions=max(sessions, default=1),
        help=(wording.TICK, wording.SCORE, *room),
    )
