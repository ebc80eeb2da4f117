"""The catalogue."""

from http import HTTPStatus

from app.api.blueprint import operation
from app.errors import NotFoundError
from app.schemas.catalogue import CatalogueOut, ExerciseOut
from app.services.catalogue import pack
from prescriptions.catalogue import Exercise


@operation("/catalogue", tag="catalogue", gives=CatalogueOut)
def catalogue() -> dict[str, object]:
    """The exercises that can be prescribed, with their documented doses."""
    return {
        "pack": pack().id,
        "version": pack().version,
        "digest": pack().digest,
        "title": pack().title,
        "exercises": [exercise for exercise in pack().exercises.values() if exercise.published],
    }


@operation("/catalogue/<exercise_id>", tag="catalogue", gives=ExerciseOut, errors=(HTTPStatus.NOT_FOUND,))
def exercise(exercise_id: str) -> Exercise:
    """One exercise."""
    found = pack().exercise(exercise_id)
    if found is None:
        raise NotFoundError("exercise")
    return found
