"""The catalogue as frozen values. ``packs.load_pack`` builds it from a folder of TOML and refuses what is not sound."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from prescriptions.dose import Range


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of the source, in our own words."""

    id: str
    summary: str
    kept_as: tuple[str, ...]
    """How the product must keep it: see ``trace.KINDS``."""


@dataclass(frozen=True, slots=True)
class Sourced:
    """A sentence of ours with the statements it rests on."""

    text: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """Equipment an exercise needs: any one of the alternatives."""

    any_of: tuple[str, ...]
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise of a pack."""

    id: str
    name: str
    """For clinicians."""
    plain_name: str
    """For patients: plain words."""
    kind: str
    """"static-stretch", "nerve-glide" or "strengthening"."""
    movement: str
    """"static", "dynamic" or "ballistic"."""
    published: bool
    """A draft entry cannot be prescribed."""
    per_leg: bool
    """False: works both legs at once and takes no side."""
    per_leg_source: tuple[str, ...]
    position: str
    """"lying", "seated", "floor" or "standing"."""
    traits: tuple[str, ...]
    needs: tuple[Need, ...]
    doses: Mapping[str, Range]
    """Parameter key to documented range. A parameter that is absent cannot be prescribed."""
    dose_source: tuple[str, ...]
    volume_parameter: str
    """The parameter that is summed when an exercise stands twice in a program."""
    not_applicable: Mapping[str, tuple[str, ...]]
    """Parameter key to the statements that rule it out, beyond ``dose_source``."""
    purpose: Sourced
    """One plain sentence for the patient: what it is for."""
    steps: tuple[Sourced, ...]
    """Plain words, one action a step."""
    feel: tuple[Sourced, ...]
    """Where and how it should be felt."""
    not_felt: tuple[Sourced, ...]
    """Where and what must not be felt."""
    avoid: tuple[Sourced, ...]
    """What must not be done."""
    clinician: tuple[Sourced, ...]
    """Remarks for clinicians only; never printed on a handout."""
    figure: Path
    """The file that holds the poses of its picture."""
    figure_source: tuple[str, ...]
    """What that file cites."""


@dataclass(frozen=True, slots=True)
class Sensation:
    """One feeling the screening asks about; whether it is muscle or nerve stands in ``screening``."""

    id: str
    label: str
    """For the screening page."""
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """A possible root cause that can be screened."""

    id: str
    label: str
    """For the screening page."""
    advice: str
    """What to look at besides stretching; clinician wording."""
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One precaution: a condition of the closed vocabulary, with its words and its source."""

    code: str
    severity: str
    """"block", "caution" or "advice"."""
    condition: str
    options: Mapping[str, str | tuple[str, ...]]
    message: str
    """A template over the values of the condition."""
    source: tuple[str, ...]
    """Statements the finding cites where the condition has no nearer ones of its own."""
    remedy: str
    """The way out, for the clinician; empty where the message says it."""
    alternative: str
    """Id of the documented alternative exercise, or empty."""
    ends_check: bool
    """When it fires, the rules below it are not evaluated: they would guess."""
    reasons: tuple[str, ...]
    """Tailored reasons offered where the finding needs an acknowledgement."""


@dataclass(frozen=True, slots=True)
class Remark(Sourced):
    """A sentence for clinicians only."""

    kept_as: str
    """"text", or "note" for a remark on the source itself."""


@dataclass(frozen=True, slots=True)
class Principle(Sourced):
    """What holds each time an exercise of certain kinds is done."""

    kinds: tuple[str, ...]
    """Printed only where the program holds an exercise of one of these kinds; empty: always."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """One row of the table that tells muscle from nerve."""

    question: str
    muscle: str
    nerve: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A patient's question with our answer."""

    question: str
    answer: tuple[Sourced, ...]
    kinds: tuple[str, ...]
    """Printed only where the program holds an exercise of one of these kinds; empty: always."""


@dataclass(frozen=True, slots=True)
class Education:
    """Texts of the handout and the catalogue page that belong to no single exercise."""

    purpose: tuple[Sourced, ...]
    """Three sentences at most: what the program is for."""
    warm_up: tuple[Sourced, ...]
    routine: tuple[Sourced, ...]
    timing: Mapping[str, Sourced]
    """Timing option ("morning") to its patient sentence."""
    principles: tuple[Principle, ...]
    stop: tuple[Sourced, ...]
    """The stop box, on page 1 of every handout."""
    contrasts: tuple[Contrast, ...]
    contrast_close: tuple[Sourced, ...]
    """What to do when it feels like nerve."""
    questions: tuple[Question, ...]
    anatomy: tuple[Sourced, ...]
    """For patients."""
    clinician: tuple[Remark, ...]
    """Anatomy and remarks for clinicians only; never printed on a handout."""


@dataclass(frozen=True, slots=True)
class Estimates:
    """Our own constants for the session time; no source documents them."""

    change_seconds: int
    """After each held repetition."""
    repetition_seconds: int
    """For each repetition that is not held."""


@dataclass(frozen=True, slots=True)
class Pack:
    """One catalogue: everything the check and the handout know."""

    id: str
    version: str
    title: str
    plain_title: str
    """For the handout's heading."""
    document: str
    """The source, as cited: title, author."""
    reviewed_on: str
    review_by: str
    statements: Mapping[str, Statement]
    exercises: Mapping[str, Exercise]
    """In catalogue order, drafts included."""
    rules: tuple[Rule, ...]
    """In the order they are evaluated."""
    sensations: Mapping[str, Sensation]
    causes: Mapping[str, Cause]
    frequency: Range
    """Sessions a week: low is the documented floor; high is the usual most, not a documented ceiling."""
    warm_up_minutes: Range
    estimates: Estimates
    education: Education
    digest: str
    """"sha256:" and the hash over every file of the pack."""

    def exercise(self, exercise_id: str) -> Exercise | None:
        """The published exercise of that id; None for an unknown one or a draft."""
        found = self.exercises.get(exercise_id)
        return found if found is not None and found.published else None

    def rule(self, code: str) -> Rule:
        """The rule behind a finding; raises KeyError for a code that the pack does not have."""
        for rule in self.rules:
            if rule.code == code:
                return rule
        raise KeyError(code)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every finding code there is, in the order of evaluation."""
        return tuple(rule.code for rule in self.rules)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Keys of the dose parameters that any exercise documents."""
        return tuple(dict.fromkeys(key for exercise in self.exercises.values() for key in exercise.doses))
