"""What the sheet says, in reading order: the contract between the clinic and the paper. Strings, numbers and tuples only."""

from dataclasses import dataclass

from prescriptions.catalogue import Contrast, Question, Sourced


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
    dose: tuple[Sourced, ...]
    picture: str
    """One inline SVG, mirrored for the prescribed leg."""
    picture_text: str
    """The same in words, for those who can't see it."""
    picture_source: tuple[str, ...]
    steps: tuple[Sourced, ...]
    feel: tuple[Sourced, ...]
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
    warm_up: tuple[Sourced, ...]
    schedule: tuple[Sourced, ...]
    """How often, how long, and when."""
    stop: tuple[Sourced, ...]
    call: str
    """Whom to call; the clinic's phone when it has one."""
    exercises: tuple[Sheet, ...]
    contrasts: tuple[Contrast, ...]
    contrast_close: tuple[Sourced, ...]
    questions: tuple[Question, ...]
    diary: Diary
    sources: tuple[str, ...]
