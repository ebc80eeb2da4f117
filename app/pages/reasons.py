"""Reasons for going on in spite of a caution: a tailored one or the therapist's own words, one for each code. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.pages.forms import Nested, group, text
from prescriptions.catalogue import Pack
from prescriptions.check import SHORTEST_REASON, Finding, Verdict
from prescriptions.program_schema import LONGEST_REASON

OTHER = "other"

LEGEND = "Why is this right for this patient?"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is chosen for one code."""

    choice: str = ""
    """The number of a tailored reason, "other", or empty: nothing is chosen beforehand."""
    other: str = ""
    """The therapist's own words."""


@dataclass(frozen=True, slots=True)
class Caution:
    """Findings of one code, which one reason answers."""

    code: str
    legend: str
    findings: Sequence[Finding]
    options: Sequence[tuple[str, str, str]]
    answer: Answer


def codes(verdict: Verdict) -> list[str]:
    """The codes that want a reason, in the order of the findings."""
    return list(dict.fromkeys(one.code for one in verdict.findings if one.severity == "caution"))


def cautions(verdict: Verdict, given: Mapping[str, Answer], pack: Pack) -> list[Caution]:
    """Each code with its findings, the reasons on offer and what is chosen."""
    return [
        Caution(
            code,
            LEGEND,
            [one for one in verdict.findings if one.code == code],
            [*((str(index), reason, "") for index, reason in enumerate(pack.rule(code).reasons)), (OTHER, "Other", "")],
            given.get(code, Answer()),
        )
        for code in codes(verdict)
    ]


def typed(form: Nested) -> dict[str, Answer]:
    """What the check page's form says."""
    found = group(form, "reasons")
    return {code: Answer(text(group(found, code), "choice"), text(group(found, code), "other")) for code in found}


def kept(document: Mapping[str, object], pack: Pack) -> dict[str, Answer]:
    """What a draft holds, as the form shows it."""
    acknowledgements = document.get("acknowledgements") or []
    assert isinstance(acknowledgements, list)  # noqa: S101 - our own pages wrote it
    return {one["code"]: _answer(one["code"], one["reason"], pack) for one in acknowledgements}


def _answer(code: str, reason: str, pack: Pack) -> Answer:
    tailored = pack.rule(code).reasons
    return Answer(str(tailored.index(reason))) if reason in tailored else Answer(OTHER, reason)


def acknowledgements(verdict: Verdict, given: Mapping[str, Answer], pack: Pack) -> list[dict[str, str]]:
    """The given reasons as a program file has them. What is not answered is left out."""
    found = [{"code": code, "reason": _reason(code, given.get(code, Answer()), pack)} for code in codes(verdict)]
    return [one for one in found if one["reason"]]


def _reason(code: str, answer: Answer, pack: Pack) -> str:
    if answer.choice == OTHER:
        return answer.other.strip()
    offered = {str(index): reason for index, reason in enumerate(pack.rule(code).reasons)}
    return offered.get(answer.choice, "")


def problems(verdict: Verdict, given: Mapping[str, Answer], pack: Pack) -> dict[str, str]:
    """What is still to be said, by the form's field."""
    errors = {}
    for code in codes(verdict):
        answer = given.get(code, Answer())
        reason = _reason(code, answer, pack)
        topic = next(one.message for one in verdict.findings if one.code == code)
        if answer.choice == OTHER and len(reason) < SHORTEST_REASON:
            errors[f"reasons.{code}.other"] = f"Say why in {SHORTEST_REASON} characters or more. {topic}"
        elif len(reason) > LONGEST_REASON:
            errors[f"reasons.{code}.other"] = f"Say why in {LONGEST_REASON} characters at most. {topic}"
        elif not reason:
            errors[f"reasons.{code}.choice"] = f"Choose a reason. {topic}"
    return errors
