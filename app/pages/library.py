"""What the screening says of each exercise, before it is in a program. The same check is asked: no rule stands here."""

from collections.abc import Mapping
from dataclasses import dataclass

from prescriptions import program_file
from prescriptions.catalogue import Exercise, Pack
from prescriptions.check import Finding, check
from prescriptions.program import ACTIVITIES, Item, Program, Side, WarmUp
from prescriptions.program_schema import FORMAT
from prescriptions.screening import Leg, Screening

TIER_WORDS: Mapping[str, str] = {"block": "Ruled out", "caution": "Needs a reason"}


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing the check has to say of an exercise for this patient."""

    code: str
    severity: str
    words: str
    """"Ruled out for the right leg"."""
    message: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One exercise of the library."""

    exercise: Exercise
    remarks: tuple[Remark, ...]
    ruled_out: bool
    """For every leg: no side is open."""
    side: str
    """What the screening suggests; empty where it suggests none."""

    @property
    def is_restricted(self) -> bool:
        """Ruled out, if only for one leg."""
        return any(remark.severity == "block" for remark in self.remarks)


def library(pack: Pack, document: Mapping[str, object] | None) -> list[Entry]:
    """Every published exercise, with what a program of it alone would come to under that screening.

    What is open comes first, then what is open for one leg; otherwise they stand as in the catalogue.
    """
    screening = screening_of(document, pack)
    entries = [_entry(exercise, screening, pack) for exercise in pack.exercises.values() if exercise.published]
    return sorted(entries, key=lambda entry: (entry.ruled_out, entry.is_restricted))


def screening_of(document: Mapping[str, object] | None, pack: Pack) -> Screening | None:
    """The recorded ``document`` as a value."""
    if document is None:
        return None
    return program_file.read({"format": FORMAT, "items": [], "screening": document}, pack).screening


def _entry(exercise: Exercise, screening: Screening | None, pack: Pack) -> Entry:
    sides: tuple[Side | None, ...] = (Side.LEFT, Side.RIGHT) if exercise.per_leg else (None,)
    found = {side: _findings(exercise, side, screening, pack) for side in sides}
    return Entry(
        exercise,
        tuple(_remarks(found)),
        ruled_out=all(_worst(findings)[0] for findings in found.values()),
        side=_suggested(found, screening) if exercise.per_leg else "",
    )


def _findings(exercise: Exercise, side: Side | None, screening: Screening | None, pack: Pack) -> tuple[Finding, ...]:
    dose = {key: documented.default for key, documented in exercise.doses.items()}
    program = Program(
        items=(Item(exercise.id, side, dose),),
        screening=screening,
        warm_up=WarmUp(ACTIVITIES[0], pack.warm_up_minutes.default),
        sessions_per_week=pack.frequency.default,
    )
    return tuple(finding for finding in check(program, pack).findings if finding.path.startswith("items[0]"))


def _worst(findings: tuple[Finding, ...]) -> tuple[int, int]:
    tiers = [finding.severity for finding in findings]
    return tiers.count("block"), tiers.count("caution")


def _suggested(found: Mapping[Side | None, tuple[Finding, ...]], screening: Screening | None) -> str:
    """The legs with least against them; among those, the ones in which something is felt."""
    best = min(map(_worst, found.values()))
    if screening is None or best[0]:
        return ""
    least = [side for side, findings in found.items() if side and _worst(findings) == best]
    chosen = [side for side in least if screening.legs.get(Leg(side.value))] or least
    return chosen[0].value if len(chosen) == 1 else Side.BOTH.value


def _remarks(found: Mapping[Side | None, tuple[Finding, ...]]) -> list[Remark]:
    by_code: dict[str, tuple[Finding, list[Side | None]]] = {}
    for side, findings in found.items():
        for finding in findings:
            by_code.setdefault(finding.code, (finding, []))[1].append(side)
    return [
        Remark(one.code, one.severity, _words(one.severity, sides, len(found)), one.message, one.source)
        for one, sides in by_code.values()
        if one.severity in TIER_WORDS
    ]


def _words(severity: str, sides: list[Side | None], of: int) -> str:
    if len(sides) == of or sides[0] is None:
        return TIER_WORDS[severity]
    return f"{TIER_WORDS[severity]} for the {sides[0].value} leg"
