"""What the sheet says, in reading order: the contract between the clinic and the paper."""

from dataclasses import dataclass

from prescriptions import figures, wording
from prescriptions.brand import Brand
from prescriptions.catalogue import Contrast, Exercise, Pack, Question, Sourced
from prescriptions.check import check
from prescriptions.program import Item, Patient, Program
from prescriptions.program_file import canonical

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
    program_file: str
    """The program file in its one form, with a line's end: it goes with the paper, inside the PDF. Empty in handouts
    from before it did."""


def compose(program: Program, pack: Pack, brand: Brand, edition: Edition) -> Handout:
    """Say everything once, in words. Expects an issuable program: each exercise published, each dose and side given."""
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
        warm_up=_warm_up(program, pack),
        schedule=_schedule(program, pack),
        exercises=tuple(_sheets(program, pack)),
        principles=tuple(
            Sourced(one.text, one.source) for one in texts.principles if _concerns(one.kinds, program, pack)
        ),
        anatomy=texts.anatomy,
        contrasts=texts.contrasts,
        contrast_close=texts.contrast_close,
        questions=_questions(program, pack),
        diary=_diary(program),
        sources=_sources(pack),
        program_file=f"{canonical(program)}\n",
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


def _warm_up(program: Program, pack: Pack) -> tuple[Sourced, ...]:
    if program.warm_up is None:
        return ()
    return (Sourced(wording.warm_up(program.warm_up), pack.warm_up_minutes.source), *pack.education.warm_up)


def _schedule(program: Program, pack: Pack) -> tuple[Sourced, ...]:
    minutes = check(program, pack).session_minutes
    length = (wording.session_length(minutes),) if minutes else ()
    return (
        *_often(program, pack),
        *(Sourced(text, ()) for text in (*length, *wording.period(program.starts_on, program.weeks))),
        *(pack.education.timing[timing] for timing in program.timing),
        *pack.education.routine,
    )


def _often(program: Program, pack: Pack) -> tuple[Sourced, ...]:
    if program.sessions_per_week is None:
        return ()
    return (Sourced(wording.frequency(program.sessions_per_week, program.weeks), pack.frequency.source),)


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


def _concerns(kinds: tuple[str, ...], program: Program, pack: Pack) -> bool:
    """Whether a text for these kinds of exercise has its place in this program; a text for none is for all."""
    return not kinds or any(pack.exercises[item.exercise].kind in kinds for item in program.items)


def _questions(program: Program, pack: Pack) -> tuple[Question, ...]:
    return tuple(question for question in pack.education.questions if _concerns(question.kinds, program, pack))


def _diary(program: Program) -> Diary:
    sessions = [item.sessions_per_week or program.sessions_per_week or 1 for item in program.items]
    weeks = program.weeks or DIARY_WEEKS_UNKNOWN
    room = (wording.diary_room(DIARY_WEEKS),) if weeks > DIARY_WEEKS else ()
    return Diary(
        weeks=min(weeks, DIARY_WEEKS),
        sessions=max(sessions, default=1),
        help=(wording.TICK, wording.SCORE, *room),
    )


def _sources(pack: Pack) -> tuple[str, ...]:
    return (
        f"Based on {pack.document}.",
        f"Catalogue {pack.id}, version {pack.version}.",
        f"Reviewed on {wording.day(pack.reviewed_on)}. Next review by {wording.day(pack.review_by)}.",
    )
