"""What the command line prints, line by line."""

from collections.abc import Iterator

from prescriptions.catalogue import Exercise, Pack
from prescriptions.check import Verdict
from prescriptions.dose import PARAMETERS
from prescriptions.trace import Trace


def verdict_lines(verdict: Verdict) -> Iterator[str]:
    minutes = "" if verdict.session_minutes is None else f", about {verdict.session_minutes} minutes a session"
    yield f"{verdict.verdict}{minutes}"
    for finding in verdict.findings:
        state = " (acknowledged)" if finding.acknowledged else ""
        source = f"  [{' '.join(finding.source)}]" if finding.source else ""
        yield f"  {finding.severity:8}{finding.path}: {finding.message}{state}{source}"


def exercise_list(pack: Pack) -> Iterator[str]:
    yield f"{pack.title}, version {pack.version}"
    for exercise in pack.exercises.values():
        if exercise.published:
            doses = "; ".join(f"{PARAMETERS[key].label.lower()} {rng}" for key, rng in exercise.doses.items())
            yield f"  {exercise.id:36} {exercise.kind:15} {doses}"


def exercise_lines(exercise: Exercise) -> Iterator[str]:
    yield f"{exercise.id}: {exercise.name} ({exercise.kind})"
    for key, documented in exercise.doses.items():
        yield (
            f"  {PARAMETERS[key].label}: {documented} {PARAMETERS[key].unit}".rstrip()
            + f"  [{' '.join(documented.source)}]"
        )
    for need in exercise.needs:
        yield f"  Equipment: {' or '.join(need.any_of)}  [{' '.join(need.source)}]"
    for number, step in enumerate(exercise.steps, 1):
        yield f"  {number}. {step.text}  [{' '.join(step.source)}]"


def trace_lines(one: Trace) -> Iterator[str]:
    yield f"{one.statement}: {one.summary}"
    for citation in one.citations:
        yield f"  {citation.kind:10} {citation.file}: {citation.key}"
        if citation.text:
            yield f"{'':13}“{citation.text}”"
    if one.lost:
        yield f"  LOST as {', '.join(one.lost)}"
