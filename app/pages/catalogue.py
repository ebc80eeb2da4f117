"""The catalogue, open to its last source: exercises, their pictures, and every statement with where it is kept."""

from flask import Response as FlaskResponse
from flask import jsonify, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from app.services.catalogue import pack
from prescriptions import figures
from prescriptions.catalogue import Exercise
from prescriptions.program import Side

YEAR_SECONDS = 31_536_000
GROUP_NAMES = {
    "anat": "Anatomy",
    "cause": "Causes",
    "prin": "Principles",
    "longsit": "Long-sit stretch",
    "supine": "Supine stretch",
    "standing": "Standing stretch",
    "glide": "Nerve glide",
    "prec": "Precautions",
    "rout": "Routine",
    "faq": "Questions",
}
"""Headings for the first part of a statement's id; another pack's groups go by their own name."""


def exercises() -> str:
    """All published exercises."""
    found = [exercise for exercise in pack().exercises.values() if exercise.published]
    return render_template("catalogue/list.html", exercises=found, section="Catalogue")


def exercise(exercise_id: str) -> str:
    """One exercise with everything that is known of it."""
    found = _published(exercise_id)
    return render_template(
        "catalogue/show.html",
        exercise=found,
        alt=figures.describe(found.figure, None),
        positions=figures.count(found.figure),
        section="Catalogue",
    )


def sources() -> str:
    """Every statement of the source, so that a finding can be followed to what it rests on."""
    groups: dict[str, list[object]] = {}
    for statement in pack().statements.values():
        groups.setdefault(statement.id.partition(".")[0], []).append(statement)
    return render_template("catalogue/sources.html", groups=groups, names=GROUP_NAMES, section="Catalogue")


def picture(exercise_id: str) -> Response:
    """The picture as SVG. Its address carries the catalogue's digest, so that it can be kept for ever."""
    found = _published(exercise_id)
    side = request.args.get("side") or None
    if side is not None and side not in tuple(Side):
        raise NotFound
    answer = FlaskResponse(figures.draw(found.figure, side), mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = f"private, max-age={YEAR_SECONDS}, immutable"
    return answer


def movement(exercise_id: str) -> Response:
    """The drawings between the positions, for the page to play. Kept for ever like the picture."""
    answer = jsonify(figures.film(_published(exercise_id).figure, None))
    answer.headers["Cache-Control"] = f"private, max-age={YEAR_SECONDS}, immutable"
    return answer


def _published(exercise_id: str) -> Exercise:
    found = pack().exercise(exercise_id)
    if found is None:
        raise NotFound("There is no such exercise in the catalogue.")
    return found
