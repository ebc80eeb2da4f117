"""Patients: list and search, add, edit, and the page of one patient."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import InvalidError, StaleError
from app.pages import searching
from app.pages.forms import Nested, date_parts, date_problem, date_text, group, nest, text, whole, with_subject
from app.pages.viewer import query_page
from app.security import current_user
from app.services import care_team, patients, records
from app.services.patients import PatientFacts

Answer = str | Response | tuple[str, int]

SUBJECTS = {"name": "Full name", "birth_date": "Date of birth", "identifier": "Record number"}
"""The form's fields as it labels them, in its order."""
LIST = "patients"
SEARCHED = {"q": "Name or record number"}
"""The field of the search, as it is labelled."""


def patient_list() -> Answer:
    """Everybody, or those whom a search finds; the search itself leads on to an address without its words."""
    words = searching.asked(LIST, SEARCHED)
    if request.method == "POST":
        if errors := searching.problems(words, SEARCHED):
            return _list(words, errors=errors), 422
        return redirect(url_for("pages.patients", **searching.sealed(LIST, words)), 303)
    user = current_user()
    page = patients.search(text=words["q"], page=query_page(), by=user, at=now())
    return _list(words, page=page, closed=care_team.outside(page.items, by=user), query=searching.query(words))


def _list(words: Mapping[str, str], **facts: object) -> str:
    facts = {"page": None, "errors": {}} | facts
    return render_template("patients/list.html", **facts, search=words["q"], section="Patients")


def show(patient_id: str) -> Answer:
    """One patient: screening, draft, programs."""
    user = current_user()
    record = records.view(patient_id, by=user, at=now())
    return render_template(
        "patients/show.html",
        patient=record.patient,
        programs=record.programs,
        more_programs=record.has_more_programs,
        draft=record.draft,
        screening=record.screening,
        team=care_team.view(patient_id, by=user),
        section="Patients",
    )


def add() -> Answer:
    """The form, and a new patient from it."""
    if request.method == "GET":
        return _form({})
    form = nest(request.form)
    errors = _date_errors(form)
    if not errors:
        try:
            patient = patients.add(facts=_facts(form), by=current_user(), at=now())
        except InvalidError as error:
            errors = _first(error)
        else:
            flash("Patient added.", "success")
            return redirect(url_for("pages.patient", patient_id=patient.id), 303)
    return _form(form, errors=errors), 422


def edit(patient_id: str) -> Answer:
    """The form with the patient's facts, and the correction from it."""
    user = current_user()
    if request.method == "GET":
        patient = patients.get(patient_id, by=user, at=now())
        birth_date = date_parts(patient.birth_date or "")
        kept = {"name": patient.name, "identifier": patient.identifier or "", "birth_date": birth_date}
        return _form(kept, patient=patient, revision=patient.revision)
    form = nest(request.form)
    revision = whole(text(form, "revision"))
    errors = _date_errors(form)
    if errors:
        return _edit_again(patient_id, form, revision=revision, errors=errors), 422
    try:
        patients.edit(patient_id, facts=_facts(form), revision=revision, by=user, at=now())
    except InvalidError as error:
        return _edit_again(patient_id, form, revision=revision, errors=_first(error)), 422
    except StaleError as error:
        return _edit_again(patient_id, form, revision=error.revision, theirs=error.current), 409
    flash("Changes saved.", "success")
    return redirect(url_for("pages.patient", patient_id=patient_id), 303)


def _edit_again(patient_id: str, form: Nested, **more: object) -> str:
    """The form as it was typed. It shows whose it is, and that leaves an event."""
    return _form(form, patient=patients.get(patient_id, by=current_user(), at=now()), **more)


def _facts(form: Nested) -> PatientFacts:
    return PatientFacts(
        name=text(form, "name"), identifier=text(form, "identifier"), birth_date=date_text(group(form, "birth_date"))
    )


def _date_errors(form: Nested) -> dict[str, str]:
    problem = date_problem(date_text(group(form, "birth_date")), "Date of birth")
    return {"birth_date": problem} if problem else {}


def _first(error: InvalidError) -> dict[str, str]:
    """In the order of the form, each with its subject: the summary has no fields beside it."""
    return {name: with_subject(SUBJECTS[name], error.errors[name][0]) for name in SUBJECTS if name in error.errors}


def _form(form: Nested, **more: object) -> str:
    typed = {
        "name": text(form, "name"),
        "identifier": text(form, "identifier"),
        "birth_date": {part: text(group(form, "birth_date"), part) for part in ("day", "month", "year")},
    }
    return render_template(
        "patients/form.html", **({"patient": None, "errors": {}, "typed": typed} | more), section="Patients"
    )
