"""The demonstration clinic. Everybody in it is made up, and everything in it went through the real services."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.models import Clinic, Patient, Role, User
from app.services import drafts, patients, people, programs, screenings
from app.services.patients import PatientFacts
from prescriptions.brand import Brand

PASSWORD = "only-for-demonstration"  # noqa: S105 - printed at every load: nothing real stands behind it
BRAND = Brand(
    clinic_name="Riverside Physiotherapy (demonstration)",
    phone="020 7946 0123",  # Ofcom keeps these numbers free for drama
    address="1 Example Quay, Sampleton SA1 0AA",
    hours="Monday to Friday, 8:00 to 18:00",
    is_demonstration=True,
)
PEOPLE = (
    ("therapist@demo.example", "Thea Morgan", Role.THERAPIST),
    ("staff@demo.example", "Sam Okafor", Role.STAFF),
    ("admin@demo.example", "Ada Lindgren", Role.ADMINISTRATOR),
)


def item(exercise: str, side: str, **dose: int) -> dict[str, str]:
    """One line of the builder, as typed."""
    return {"exercise": exercise, "side": side, **{name: str(value) for name, value in dose.items()}}


def document(*items: dict[str, str], sessions: int = 4, weeks: int = 6) -> dict[str, object]:
    """A draft, as typed."""
    return {
        "items": list(items),
        "warm_up": {"activity": "walking", "minutes": "5"},
        "sessions_per_week": str(sessions),
        "timing": ["after_workout"],
        "weeks": str(weeks),
    }


def screening(left: Sequence[str], right: Sequence[str], **more: object) -> dict[str, object]:
    """What the patient said, leg by leg."""
    return {"legs": {"left": {"sensations": list(left)}, "right": {"sensations": list(right)}}} | more


SUPINE, STANDING = "supine-hamstring-stretch-strap", "standing-hamstring-stretch"
GLIDE = "seated-sciatic-nerve-glide"
PULL, HOME = ("pull",), ["strap", "chair", "low_surface"]


@dataclass(frozen=True, slots=True)
class Story:
    """One patient of the demonstration."""

    facts: PatientFacts
    days_ago: int
    screening: dict[str, object] | None = None
    issued: Sequence[dict[str, object]] = ()
    """Versions of one program, a day apart."""
    withdrawn: str = ""
    """Why the last of them was withdrawn."""
    draft: dict[str, object] = field(default_factory=dict)


STORIES = (
    Story(
        PatientFacts(name="Amelia Hartwell", identifier="RP-1001", birth_date="1984-03-09"),
        days_ago=20,
        screening=screening(PULL, (), causes=["prolonged_sitting"], equipment=HOME),
        issued=(
            document(item(SUPINE, "left", repetitions=2, hold_seconds=20)),
            document(
                item(SUPINE, "left", repetitions=3, hold_seconds=30),
                item(STANDING, "left", repetitions=2, hold_seconds=25),
            ),
        ),
    ),
    Story(
        PatientFacts(name="Bilal Osei-Grant", identifier="RP-1002", birth_date="1991-11-30"),
        days_ago=12,
        screening=screening(PULL, ("pull", "tension"), causes=["athletic_activity"], equipment=HOME),
        issued=(document(item(STANDING, "both", repetitions=3, hold_seconds=30), sessions=3),),
        withdrawn="Moved to another clinic; they take over the program.",
    ),
    Story(
        PatientFacts(name="Carla Novak", identifier="RP-1003", birth_date="1976-07-21"),
        days_ago=1,
        screening=screening(PULL, ("tingling", "burning"), causes=["nerve_tension"], equipment=HOME),
        draft=document(
            item(SUPINE, "both", repetitions=3, hold_seconds=30), item(GLIDE, "right", sets=2, repetitions=12)
        ),
    ),
    Story(PatientFacts(name="Dev Pillai", identifier="RP-1004", birth_date="1969-01-14"), days_ago=0),
    Story(
        PatientFacts(name="Elsie Lindqvist", identifier="RP-1005", birth_date="1958-05-02"),
        days_ago=6,
        screening=screening(
            ("tension",), ("tension",), lower_back_sensitive=True, persistent=True, equipment=["towel", "chair"]
        ),
    ),
    Story(
        PatientFacts(name="Farah Haddad", identifier="RP-1006", birth_date="2001-09-17"),
        days_ago=3,
        screening=screening((), PULL, causes=["insufficient_stretching"], equipment=["strap"]),
        issued=(document(item(SUPINE, "right", repetitions=3, hold_seconds=30), sessions=5, weeks=8),),
    ),
)


def load(*, at: datetime) -> Clinic:
    """Add what is missing of the demonstration clinic. Loading it again changes nothing."""
    # A real clinic may call itself the same, and must not get the demonstration's people.
    found = [clinic for clinic in people.clinics_named(BRAND.clinic_name) if clinic.is_demonstration]
    clinic = found[0] if found else people.add_clinic(brand=BRAND, at=at)
    users = [
        people.user_with_address(email)
        or people.add_user(clinic=clinic, email=email, name=name, roles=[role], password=PASSWORD, at=at)
        for email, name, role in PEOPLE
    ]
    for story in STORIES:
        if not patients.search(text=story.facts.identifier, page=1, by=users[0], at=at).total:
            _tell(story, by=users[0], at=at - timedelta(days=story.days_ago))
    return clinic


def _tell(story: Story, *, by: User, at: datetime) -> None:
    patient = patients.add(facts=story.facts, by=by, at=at)
    if story.screening is not None:
        kept = {"date": at.date().isoformat()} | story.screening
        screenings.record(patient.id, document=kept, by=by, at=at)
    _issue(story, patient, by=by, at=at)
    if story.draft:
        draft = drafts.start(patient.id, from_program=None, by=by, at=at)
        drafts.save(draft.id, document=story.draft, revision=draft.revision, by=by, at=at)


def _issue(story: Story, patient: Patient, *, by: User, at: datetime) -> None:
    newest: str | None = None
    for number, typed in enumerate(story.issued):
        when = at + timedelta(days=number)
        draft = drafts.start(patient.id, from_program=newest, by=by, at=when)
        draft = drafts.save(draft.id, document=typed, revision=draft.revision, by=by, at=when)
        key = f"demonstration-{patient.id}-{number}"
        newest = programs.issue(draft_id=draft.id, revision=draft.revision, idempotency_key=key, by=by, at=when).id
    if newest is not None and story.withdrawn:
        programs.withdraw(newest, reason=story.withdrawn, by=by, at=at + timedelta(days=len(story.issued)))
