"""Emergency access: the way into a record from outside its care team, and what administrators see of it."""

from datetime import datetime
from functools import partial

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import ConflictError, InvalidError
from app.models import Patient
from app.pages import later
from app.pages.forms import nest, text
from app.pages.viewer import may, query_page
from app.problems import say_no
from app.security import current_user, visitor
from app.services import emergency

Answer = str | Response | tuple[str, int]

MINUTES = int(emergency.LENGTH.total_seconds()) // 60


def open_record(patient_id: str) -> Answer:
    """Ask for the reason, then let the therapist in."""
    user = current_user()
    if request.method == "GET":
        return _form(emergency.whose(patient_id, by=user, at=now()), "", {})
    reason = text(nest(request.form), "reason")
    try:
        emergency.open_record(patient_id, reason=reason, by=user, at=now())
    except InvalidError as error:
        patient = emergency.whose(patient_id, by=user, at=now())
        return _form(patient, reason, {name: messages[0] for name, messages in error.errors.items()}), 422
    # The whole address, and never the one that the request names: a mail leads to the service itself.
    link = f"{current_app.config['BASE_URL']}{url_for('pages.emergencies')}"
    later.do(partial(emergency.tell, by=user, at=now(), link=link))  # in an emergency nobody waits for a mail server
    return redirect(url_for("pages.patient", patient_id=patient_id), 303)


def openings() -> Answer:
    """All records that were opened in an emergency, newest first."""
    page = emergency.openings(page=query_page(), by=current_user(), at=now())
    return render_template("emergency/list.html", page=page, section="Emergencies")


def review(access_id: str) -> Response:
    """Note that an administrator has looked into it."""
    try:
        emergency.review(access_id, by=current_user(), at=now())
    except ConflictError as error:
        say_no(error)
    else:
        flash("Marked as reviewed.", "success")
    return redirect(url_for("pages.emergencies"), 303)


def until(patient_id: str) -> datetime | None:
    """For the banner of each page of a patient: until when an emergency lets the viewer in."""
    user = visitor()
    return emergency.until(patient_id, by=user) if user is not None else None


def waiting() -> int:
    """How many openings wait for the viewer to review them; nothing for who does not review."""
    user = visitor()
    return emergency.unreviewed(by=user) if user is not None and may("pages.review_emergency", "POST") else 0


def _form(patient: Patient, reason: str, errors: dict[str, str]) -> str:
    return render_template(
        "emergency/open.html", patient=patient, reason=reason, errors=errors, minutes=MINUTES, section="Patients"
    )
