"""The one place where a verdict is made."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from prescriptions.case import Case, Prescribed
from prescriptions.catalogue import Pack
from prescriptions.precautions import CONDITIONS
from prescriptions.program import Program

SHORTEST_REASON = 10
"""Characters of a reason, once trimmed, below which it is none."""

_JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))
"""Some scripts need them inside a word; ten of them are no reason."""

SEVERITIES = ("block", "caution", "advice")


class Outcome(StrEnum):
    """What a verdict comes to."""

    BLOCKED = "blocked"
    NEEDS_ACKNOWLEDGEMENT = "needs-acknowledgement"
    ISSUABLE = "issuable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the check found, with its source. A value, never an exception."""

    code: str
    severity: str
    """"block", "caution" or "advice"."""
    path: str
    """Where it stands in the program file."""
    message: str
    source: tuple[str, ...]
    acknowledged: bool

    def to_dict(self) -> dict[str, object]:
        """The finding as JSON values."""
        return {
            "code": self.code,
            "severity": self.severity,
            "path": self.path,
            "message": self.message,
            "source": list(self.source),
            "acknowledged": self.acknowledged,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check says of a whole program."""

    verdict: Outcome
    pack_id: str
    pack_version: str
    digest: str
    session_minutes: int | None
    """An estimate; None while a dose or a side is missing or an exercise is unknown."""
    findings: tuple[Finding, ...]
    """Sorted by severity, then path in natural order, then code."""

    def to_dict(self) -> dict[str, object]:
        """The verdict as JSON values."""
        return {
            "verdict": self.verdict.value,
            "catalogue": {"pack": self.pack_id, "version": self.pack_version, "digest": self.digest},
            "session_minutes": self.session_minutes,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def check(program: Program, pack: Pack) -> Verdict:
    """Hold ``program`` against the ranges and precautions of ``pack``. The same input, the same verdict, always."""
    case = Case(program, pack, tuple(_prescribed(program, pack)))
    findings = tuple(sorted(_findings(case), key=_order))
    return Verdict(
        verdict=_outcome(findings),
        pack_id=pack.id,
        pack_version=pack.version,
        digest=pack.digest,
        session_minutes=_session_minutes(case),
        findings=findings,
    )


def _prescribed(program: Program, pack: Pack) -> Iterator[Prescribed]:
    for index, item in enumerate(program.items):
        exercise = pack.exercise(item.exercise)
        if exercise is not None:
            yield Prescribed(index, item, exercise)


def _findings(case: Case) -> Iterator[Finding]:
    answered = {
        acknowledgement.code
        for acknowledgement in case.program.acknowledgements
        if len(acknowledgement.reason.translate(_JOINERS).strip()) >= SHORTEST_REASON
    }
    for rule in case.pack.rules:
        hits = list(CONDITIONS[rule.condition].find(case, rule))
        for hit in hits:
            yield Finding(
                code=rule.code,
                severity=rule.severity,
                path=hit.path,
                message=rule.message.format_map(hit.values),
                source=hit.source or rule.source,
                acknowledged=rule.severity != "block" and rule.code in answered,
            )
        if hits and rule.ends_check:
            return


def _order(finding: Finding) -> tuple[int, list[str | int], str]:
    natural = [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", finding.path)]
    return SEVERITIES.index(finding.severity), natural, finding.code


def _outcome(findings: tuple[Finding, ...]) -> Outcome:
    if any(finding.severity == "block" for finding in findings):
        return Outcome.BLOCKED
    if any(finding.severity == "caution" and not finding.acknowledged for finding in findings):
        return Outcome.NEEDS_ACKNOWLEDGEMENT
    return Outcome.ISSUABLE


def _session_minutes(case: Case) -> int | None:
    if len(case.prescribed) < len(case.program.items):
        return None
    seconds = 60 * case.program.warm_up.minutes if case.program.warm_up else 0
    for one in case.prescribed:
        if not one.legs or one.exercise.doses.keys() - one.item.dose.keys():
            return None
        seconds += _item_seconds(one, case.pack)
    return math.ceil(seconds / 60)


def _item_seconds(one: Prescribed, pack: Pack) -> int:
    dose = {key: one.item.dose[key] for key in one.exercise.doses}
    sets = dose.get("sets", 1)
    if "hold_seconds" in dose:
        repetition = dose["hold_seconds"] + pack.estimates.change_seconds
    else:
        repetition = pack.estimates.repetition_seconds
    each_leg = sets * dose.get("repetitions", 1) * repetition + (sets - 1) * dose.get("rest_seconds", 0)
    return each_leg * (len(one.legs) if one.exercise.per_leg else 1)
