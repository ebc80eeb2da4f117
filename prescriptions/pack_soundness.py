"""What must hold across the files of a pack. Each refusal names file, key and value."""

import string
from collections import Counter
from collections.abc import Callable

from prescriptions.catalogue import Exercise, Pack, Rule
from prescriptions.dose import Range
from prescriptions.errors import PackError
from prescriptions.precautions import CONDITIONS
from prescriptions.screening import SENSATIONS
from prescriptions.trace import citations

REQUIRED = (
    "no-items",
    "exercise-unpublished",
    "dose-absent",
    "dose-undocumented",
    "dose-outside-range",
    "volume-above-one-item",
    "side-absent",
    "side-undocumented",
    "warm-up-outside-range",
    "frequency-below-range",
    "screening-absent",
    "leg-unscreened",
    "movement-is",
)
"""Conditions that every pack must block on: without them a program could lack what makes it a program."""


def assert_sound(pack: Pack) -> None:
    """Raise PackError for the first thing that does not hold."""
    checks: tuple[Callable[[Pack], None], ...] = (_ranges, _exercises, _rules, _required_rules, _sensations, _citations)
    for check in checks:
        check(pack)


def _ranges(pack: Pack) -> None:
    _range(pack.frequency, "pack.toml", "frequency")
    _range(pack.warm_up_minutes, "pack.toml", "warm_up_minutes")
    for exercise in pack.exercises.values():
        for key, documented in exercise.doses.items():
            _range(documented, f"exercises/{exercise.id}.toml", f"doses.{key}")


def _range(documented: Range, file: str, key: str) -> None:
    if documented.low > documented.high:
        raise PackError(file, key, f"the range is upside down: low {documented.low}, high {documented.high}")
    if documented.default not in documented:
        raise PackError(file, f"{key}.default", f"{documented.default} is outside {documented}")


def _exercises(pack: Pack) -> None:
    if not pack.exercises:
        raise PackError("exercises", "folder", "holds no exercise")
    for exercise in pack.exercises.values():
        _exercise(exercise)


def _exercise(exercise: Exercise) -> None:
    file = f"exercises/{exercise.id}.toml"
    if exercise.volume_parameter not in exercise.doses:
        raise PackError(file, "volume_parameter", f"{exercise.volume_parameter!r} has no documented range")
    for key in exercise.not_applicable:
        if key in exercise.doses:
            raise PackError(file, f"not_applicable.{key}", "has a documented range as well")


def _rules(pack: Pack) -> None:
    for code, count in Counter(rule.code for rule in pack.rules).items():
        if count > 1:
            raise PackError("precautions.toml", f"rule {code}", f"the code {code!r} stands {count} times")
    for rule in pack.rules:
        _options(rule)
        _message(rule)
        if rule.alternative and rule.alternative not in pack.exercises:
            raise PackError("precautions.toml", f"rule {rule.code}.alternative", f"unknown: {rule.alternative!r}")


def _options(rule: Rule) -> None:
    allowed = CONDITIONS[rule.condition].options
    for name in CONDITIONS[rule.condition].required:
        if name not in rule.options:
            raise PackError("precautions.toml", f"rule {rule.code}.options.{name}", "is missing")
    for name, given in rule.options.items():
        key = f"rule {rule.code}.options.{name}"
        if name not in allowed:
            raise PackError("precautions.toml", key, f"is no option of the condition {rule.condition!r}")
        for value in given if isinstance(given, list | tuple) else (given,):
            if value not in allowed[name]:
                raise PackError("precautions.toml", key, f"unknown: {value!r}")


def _message(rule: Rule) -> None:
    for _, name, _, _ in string.Formatter().parse(rule.message):
        if name is not None and name not in CONDITIONS[rule.condition].values:
            key = f"rule {rule.code}.message"
            raise PackError("precautions.toml", key, f"the condition {rule.condition!r} has no value {name!r}")
        if name == "alternative" and not rule.alternative:
            raise PackError("precautions.toml", f"rule {rule.code}.alternative", "is named in the message and missing")


def _required_rules(pack: Pack) -> None:
    blocking = {rule.condition for rule in pack.rules if rule.severity == "block"}
    for condition in REQUIRED:
        if condition not in blocking:
            raise PackError("precautions.toml", "rule", f"no rule blocks on the condition {condition!r}")
    gate = next(index for index, rule in enumerate(pack.rules) if rule.condition == "screening-absent")
    if not pack.rules[gate].ends_check:
        raise PackError("precautions.toml", f"rule {pack.rules[gate].code}.ends_check", "must be true")
    for rule in pack.rules[:gate]:
        if CONDITIONS[rule.condition].needs_screening:
            reason = f"stands above {pack.rules[gate].code!r}, and would take a missing screening for a clear one"
            raise PackError("precautions.toml", f"rule {rule.code}", reason)


def _sensations(pack: Pack) -> None:
    for name in SENSATIONS:
        if name not in pack.sensations:
            raise PackError("screening.toml", "sensation", f"{name!r} is missing")


def _citations(pack: Pack) -> None:
    used = set()
    for citation in citations(pack):
        if citation.statement not in pack.statements:
            raise PackError(citation.file, citation.key, f"cites an unknown statement: {citation.statement!r}")
        used.add(citation.statement)
    for statement in pack.statements:
        if statement not in used:
            raise PackError("statements.toml", f"statement {statement}", f"nothing in the pack uses {statement!r}")
