"""What the sheet says, in reading order: the contract between the clinic and the paper."""

import base64
from dataclasses import dataclass, replace

from prescriptions import figures, handout_texts, layouts, qr, wording
from prescriptions.brand import ACCENT, SECOND, TYPEFACES, Brand
from prescriptions.catalogue import Contrast, Exercise, Pack, Question, Sourced
from prescriptions.changes import Change, changes
from prescriptions.program import Item, Patient, Program
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
class Sheet:
    """One exercise as the patient reads it."""

    exercise: str
    """The catalogue's id."""
    title: str
    """Number and plain name: "Exercise 1: Leg stretch on your back"."""
    side: str
    """"Left leg", "Right leg", "Each leg" or "Both legs together"."""
    purpose: Sourced
    needs: tuple[Sourced, ...]
    """What to have at hand."""
    dose: tuple[Sourced, ...]
    picture: str
    """One inline SVG, mirrored for the prescribed leg."""
    picture_text: str
    """The same in words, for those who can't see it."""
    picture_source: tuple[str, ...]
    caption: tuple[str, ...]
    """How to read the picture; printed below it."""
    steps: tuple[Sourced, ...]
    feel: tuple[Sourced, ...]
    not_felt: tuple[Sourced, ...]
    avoid: tuple[Sourced, ...]
    note: str
    """The therapist's own words, or empty."""


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
    texts, (accent, second) = pack.education, brand.shades
    different = changes(previous, program, pack) if previous else ()
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
        exercises=tuple(_sheets(program, pack)),
        principles=handout_texts.principles(program, pack),
        anatomy=texts.anatomy,
        contrasts=texts.contrasts,
        contrast_close=texts.contrast_close,
        questions=handout_texts.questions(program, pack),
        diary=_diary(program),
        sources=handout_texts.sources(pack),
        layout=layouts.suitable(brand.layout, len(program.items)),
        typeface=brand.typeface,
        accent=accent.printed,
        second=second.printed,
        logo=base64.b64encode(brand.logo).decode(),
        identity=wording.identity(program.patient),
        issue=wording.issue(edition.number, edition.version, edition.issued_on),
        footer=brand.footer,
        review=(Fact("Next check", _review_day(program, edition)),),
        changed=wording.changed(edition.replaces, anything=bool(different)) if previous else "",
        changes=different,
        lookup=(Fact("Address", lookup.address), Fact("Code", lookup.code)) if lookup else (),
        square=qr.square(lookup.address, wording.SQUARE) if lookup else "",
    )


def arranged(handout: Handout, *, layout: str | None = None, paper: str | None = None, monochrome: bool) -> Handout:
    """The same content, printed otherwise: for whoever needs larger type, other paper, or no colour."""
    return replace(
        handout, layout=layout or handout.layout, paper=paper or handout.paper, monochrome=monochrome
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


def _sheets(program: Program, pack: Pack) -> list[Sheet]:
    return [
        _sheet(number, item, pack.exercises[item.exercise], program, pack)
        for number, item in enumerate(program.items, start=1)
    ]


def _sheet(number: int, item: Item, exercise: Exercise, program: Program, pack: Pack) -> Sheet:
    side = wording.side(exercise, item)
    dose = (*wording.dose(exercise, item), *_own_frequency(item, program, pack))
    said = {line.text for line in dose}
    return Sheet(
        exercise=exercise.id,
        title=f"{number}. {exercise.plain_name}",
        side=wording.SIDE_TITLES[side],
        purpose=exercise.purpose,
        needs=tuple(wording.need(need) for need in exercise.needs),
        dose=dose,
        picture=figures.draw(exercise.figure, side),
        picture_text=figures.describe(exercise.figure, side),
        picture_source=exercise.figure_source,
        caption=wording.caption(side),
        steps=exercise.steps,
        feel=exercise.feel,
        not_felt=exercise.not_felt,
        avoid=tuple(line for line in exercise.avoid if line.text not in said),
        note=item.note or "",
    )


def _own_frequency(item: Item, program: Program, pack: Pack) -> tuple[Sourced, ...]:
    if item.sessions_per_week in {None, program.sessions_per_week}:
        return ()
    return (Sourced(wording.own_frequency(item.sessions_per_week), pack.frequency.source),)


def _diary(program: Program) -> Diary:
    sessions = [item.sessions_per_week or program.sessions_per_week or 1 for item in program.items]
    weeks = program.weeks or DIARY_WEEKS_UNKNOWN
    room = (wording.diary_room(DIARY_WEEKS),) if weeks > DIARY_WEEKS else ()
    return Diary(
        weeks=min(weeks, DIARY_WEEKS),
        sessions=max(sessions, default=1),
        help=(wording.TICK, wording.SCORE, *room),
    )
