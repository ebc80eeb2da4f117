"""Traceability: which statement of the source is kept as what, and where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prescriptions.catalogue import Exercise, Pack, Sourced
from prescriptions.dose import Range

KINDS = (
    "dose",
    "side",
    "rule",
    "advice",
    "screening",
    "equipment",
    "timing",
    "picture",
    "text",
    "question",
    "table",
    "note",
)
"""The ways a statement can be kept."""


@dataclass(frozen=True, slots=True)
class Citation:
    """One place that rests on a statement."""

    statement: str
    kind: str
    file: str
    """Path inside the pack."""
    key: str
    text: str = ""
    """The sentence, where one rests on it."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What became of one statement."""

    statement: str
    summary: str
    kept_as: tuple[str, ...]
    """How it must be kept."""
    citations: tuple[Citation, ...]

    @property
    def lost(self) -> tuple[str, ...]:
        """The ways in which it must be kept, and is not."""
        kept = {citation.kind for citation in self.citations}
        return tuple(kind for kind in self.kept_as if kind not in kept)

    def to_dict(self) -> dict[str, object]:
        """The trace as JSON values."""
        kept = [
            {"as": citation.kind, "file": citation.file, "key": citation.key, "text": citation.text}
            for citation in self.citations
        ]
        return {"id": self.statement, "summary": self.summary, "kept": kept, "lost": list(self.lost)}


def trace(pack: Pack) -> tuple[Trace, ...]:
    """Every statement of the pack, in the order of the source."""
    cited = list(citations(pack))
    return tuple(
        Trace(
            statement=statement.id,
            summary=statement.summary,
            kept_as=statement.kept_as,
            citations=tuple(citation for citation in cited if citation.statement == statement.id),
        )
        for statement in pack.statements.values()
    )


def citations(pack: Pack) -> Iterator[Citation]:
    """Every place of the pack that cites a statement, known or not."""
    for exercise in pack.exercises.values():
        yield from _exercise(exercise)
    yield from _cite(pack.frequency.source + pack.frequency.confirmed_by, ("dose",), "pack.toml", "frequency")
    warm_up = pack.warm_up_minutes
    yield from _cite(warm_up.source + warm_up.confirmed_by, ("dose",), "pack.toml", "warm_up_minutes")
    for rule in pack.rules:
        yield from _cite(rule.source, ("rule",), "precautions.toml", f"rule {rule.code}", rule.message)
    for sensation in pack.sensations.values():
        yield from _cite(sensation.source, ("screening",), "screening.toml", f"sensation {sensation.id}")
    for cause in pack.causes.values():
        yield from _cite(
            cause.source, ("screening", "advice", "rule"), "screening.toml", f"cause {cause.id}", cause.advice
        )
    yield from _education(pack)


def _cite(source: Sequence[str], kinds: Sequence[str], file: str, key: str, text: str = "") -> Iterator[Citation]:
    for statement in source:
        for kind in kinds:
            yield Citation(statement, kind, file, key, text)


def _texts(texts: Sequence[Sourced], file: str, key: str, kinds: Sequence[str] = ("text",)) -> Iterator[Citation]:
    for index, text in enumerate(texts):
        yield from _cite(text.source, kinds, file, f"{key}[{index}]", text.text)


def _exercise(exercise: Exercise) -> Iterator[Citation]:
    file = f"exercises/{exercise.id}.toml"
    yield from _cite(exercise.per_leg_source, ("side",), file, "per_leg_source")
    yield from _cite(exercise.dose_source, ("dose",), file, "dose_source")
    for name, documented in exercise.doses.items():
        yield from _range(documented, file, f"doses.{name}")
    for name, source in exercise.not_applicable.items():
        yield from _cite(source, ("dose",), file, f"not_applicable.{name}")
    for index, need in enumerate(exercise.needs):
        yield from _cite(need.source, ("equipment",), file, f"needs[{index}]")
    yield from _cite(exercise.figure_source, ("picture",), f"figures/{exercise.id}.toml", "source")
    yield from _cite(exercise.purpose.source, ("text",), file, "purpose", exercise.purpose.text)
    yield from _texts(exercise.steps, file, "steps")
    yield from _texts(exercise.feel, file, "feel")
    yield from _texts(exercise.not_felt, file, "not_felt")
    yield from _texts(exercise.avoid, file, "avoid")
    yield from _texts(exercise.clinician, file, "clinician", ("note",))


def _range(documented: Range, file: str, key: str) -> Iterator[Citation]:
    yield from _cite(documented.source + documented.confirmed_by, ("dose",), file, key)


def _education(pack: Pack) -> Iterator[Citation]:
    education, file = pack.education, "education.toml"
    for key in ("purpose", "warm_up", "routine", "principles", "contrast_close", "anatomy"):
        yield from _texts(getattr(education, key), file, key)
    # The stop box stands on every handout and cannot be left out: that makes its sentences rules.
    yield from _texts(education.stop, file, "stop", ("rule", "text"))
    for name, text in education.timing.items():
        yield from _cite(text.source, ("timing", "text"), file, f"timing.{name}", text.text)
    for index, contrast in enumerate(education.contrasts):
        words = f"{contrast.question} Muscle: {contrast.muscle}. Nerve: {contrast.nerve}."
        yield from _cite(contrast.source, ("table", "text"), file, f"contrasts[{index}]", words)
    for index, question in enumerate(education.questions):
        yield from _texts(question.answer, file, f"questions[{index}].answer", ("question", "text"))
    for index, remark in enumerate(education.clinician):
        yield from _cite(remark.source, (remark.kept_as,), file, f"clinician[{index}]", remark.text)
