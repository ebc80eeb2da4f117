"""The catalogue as JSON values, for the command line and the API."""

from prescriptions.catalogue import Exercise, Pack, Sourced
from prescriptions.dose import Range


def list_exercises(pack: Pack) -> dict[str, object]:
    """The pack with its published exercises, one line each."""
    published = [exercise for exercise in pack.exercises.values() if exercise.published]
    return {
        "pack": pack.id,
        "version": pack.version,
        "digest": pack.digest,
        "title": pack.title,
        "document": pack.document,
        "sessions_per_week": _range(pack.frequency),
        "warm_up_minutes": _range(pack.warm_up_minutes),
        "exercises": [{"id": exercise.id, "name": exercise.name, "kind": exercise.kind} for exercise in published],
    }


def show_exercise(exercise: Exercise) -> dict[str, object]:
    """One exercise with its ranges, its words and their sources."""
    return {
        "id": exercise.id,
        "name": exercise.name,
        "plain_name": exercise.plain_name,
        "kind": exercise.kind,
        "movement": exercise.movement,
        "per_leg": exercise.per_leg,
        "position": exercise.position,
        "equipment": [{"any_of": list(need.any_of), "source": list(need.source)} for need in exercise.needs],
        "doses": {key: _range(documented) for key, documented in exercise.doses.items()},
        "purpose": _sourced(exercise.purpose),
        "steps": [_sourced(text) for text in exercise.steps],
        "feel": [_sourced(text) for text in exercise.feel],
        "not_felt": [_sourced(text) for text in exercise.not_felt],
        "avoid": [_sourced(text) for text in exercise.avoid],
        "clinician": [_sourced(text) for text in exercise.clinician],
    }


def _range(documented: Range) -> dict[str, object]:
    return {
        "low": documented.low,
        "high": documented.high,
        "default": documented.default,
        "source": list(documented.source),
        "confirmed_by": list(documented.confirmed_by),
    }


def _sourced(text: Sourced) -> dict[str, object]:
    return {"text": text.text, "source": list(text.source)}
