"""The clinic's settings, for its administrators: what its paper says, and how it wants to work."""

from collections.abc import Mapping, Sequence
from zoneinfo import available_timezones

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import InvalidError, StaleError
from app.models import Clinic
from app.pages.forms import Nested, nest, text, texts, whole
from app.security import current_user
from app.services import clinics, providers
from prescriptions.brand import Brand

Answer = str | Response | tuple[str, int]

SECTION = "Clinic"
SUBJECTS: Mapping[str, str] = {
    "name": "Name",
    "phone": "Telephone",
    "hours": "Hours",
    "email": "E-mail address",
    "address": "Address",
    "paper": "Paper",
    "time_zone": "Time zone",
}
"""The form's fields as it labels them, in its order."""
REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
EVERYBODYS, OWN = "everybodys", "own"


def show() -> Answer:
    """All settings at a glance."""
    user = current_user()
    return render_template(
        "clinic/show.html", clinic=clinics.get(by=user), provider=providers.of_clinic(by=user), section=SECTION
    )


def edit() -> Answer:
    """The form for what the paper says, and the change from it."""
    user = current_user()
    if request.method == "GET":
        clinic = clinics.get(by=user)
        return _details({name: getattr(clinic, name) for name in SUBJECTS}, revision=clinic.revision)
    form = nest(request.form)
    typed = {name: text(form, name) for name in SUBJECTS}
    revision = whole(text(form, "revision"))
    try:
        brand = _brand(typed, user.clinic)
        clinics.edit(brand=brand, time_zone=typed["time_zone"], revision=revision, by=user, at=now())
    except InvalidError as error:
        return _details(typed, revision=revision, errors=_first(error)), 422
    except StaleError as error:
        return _details(typed, revision=error.revision, theirs=error.current), 409
    flash("Changes saved. Programs that were issued keep what their handouts say.", "success")
    return redirect(url_for("pages.clinic"), 303)


def policies() -> Answer:
    """The form for who opens what and what is hidden, and the change from it."""
    user = current_user()
    if request.method == "GET":
        return _policies(clinics.get(by=user))
    form = nest(request.form)
    revision = whole(text(form, "revision"))
    try:
        clinics.set_policies(
            restricts_access=text(form, "access") == OWN,
            sensitive=texts(form, "sensitive"),
            revision=revision,
            by=user,
            at=now(),
        )
    except InvalidError as error:
        return _policies(clinics.get(by=user), form, revision=revision, errors=_first(error)), 422
    except StaleError as error:
        return _policies(clinics.get(by=user), form, revision=error.revision, theirs=error.current), 409
    flash("Policies saved. They hold from now on.", "success")
    return redirect(url_for("pages.clinic"), 303)


def zones(current: str) -> Sequence[tuple[str, str]]:
    """Time zones to choose from, by region and city; the one that is set is always among them."""
    places = {name for name in available_timezones() if name.split("/")[0] in REGIONS} | {"UTC", current}
    return [(name, name.replace("_", " ")) for name in sorted(places)]


def _brand(typed: Mapping[str, str], clinic: Clinic) -> Brand:
    return Brand(
        clinic_name=typed["name"],
        phone=typed["phone"],
        address=typed["address"],
        hours=typed["hours"],
        email=typed["email"],
        paper=typed["paper"],
        is_demonstration=clinic.is_demonstration,
    )


def _first(error: InvalidError) -> dict[str, str]:
    """In the order of the form, each with its subject: the summary has no fields beside it."""
    order = [*SUBJECTS, *(name for name in error.errors if name not in SUBJECTS)]
    return {name: _with_subject(name, error.errors[name][0]) for name in order if name in error.errors}


def _with_subject(name: str, message: str) -> str:
    bare = message.startswith(("Has ", "Holds "))
    return f"{SUBJECTS[name]} {message[:1].lower()}{message[1:]}" if bare else message


def _details(typed: Mapping[str, str], **more: object) -> str:
    given = {"errors": {}, "theirs": None} | more
    return render_template(
        "clinic/details.html", typed=typed, subjects=SUBJECTS, zones=zones(typed["time_zone"]), section=SECTION, **given
    )


def _policies(clinic: Clinic, form: Nested | None = None, **more: object) -> str:
    chosen = {"access": OWN if clinic.restricts_access else EVERYBODYS, "sensitive": sorted(clinic.sensitive)}
    if form is not None:
        chosen = {"access": text(form, "access"), "sensitive": texts(form, "sensitive")}
    given = {"errors": {}, "theirs": None, "revision": clinic.revision} | more
    return render_template("clinic/policies.html", clinic=clinic, chosen=chosen, section=SECTION, **given)
