"""The care team of a patient: who is in it stands on the patient's page; these are its buttons."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import ConflictError, InvalidError
from app.pages.forms import nest, text
from app.problems import say_no
from app.security import current_user
from app.services import care_team
from app.services.reach import is_limited


def add(patient_id: str) -> Response:
    """Take a colleague into the team."""
    user = current_user()
    try:
        colleague = care_team.add(patient_id, user_id=text(nest(request.form), "user_id"), by=user, at=now())
    except (ConflictError, InvalidError) as error:
        say_no(error)
    else:
        flash(f"{colleague.name} is in the care team.", "success")
    return _back(patient_id)


def remove(patient_id: str) -> Response:
    """Let a colleague, or oneself, leave the team."""
    user = current_user()
    try:
        colleague = care_team.remove(patient_id, user_id=text(nest(request.form), "user_id"), by=user, at=now())
    except (ConflictError, InvalidError) as error:
        say_no(error)
        return _back(patient_id)
    flash(f"{colleague.name} is no longer in the care team.", "success")
    if colleague.id == user.id and is_limited(user):
        return redirect(url_for("pages.patients"), 303)
    return _back(patient_id)


def _back(patient_id: str) -> Response:
    return redirect(url_for("pages.patient", patient_id=patient_id, _anchor="team"), 303)
