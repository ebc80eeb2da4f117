"""The screening form: what the patient feels, leg by leg. What only today can tell is never ticked beforehand."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.models import Patient
from app.pages.forms import Nested, date_parts, date_problem, date_text, field_of, group, nest, text, texts
from app.pages.viewer import today
from app.pages.words import label
from app.security import current_user
from app.services import records, screenings
from app.services.catalogue import pack
from prescriptions.errors import MalformedError
from prescriptions.screening import EQUIPMENT, MUSCLE_SENSATIONS, NERVE_SENSATIONS, Leg

Answer = str | Response | tuple[str, int]

YES_NO = {"yes": True, "no": False}
FLAGS = {"lower_back_sensitive": "the lower back is sensitive", "persistent": "the tightness or pain is persistent"}

_UNASKED = ("asked", "The {leg} leg has answers below. Choose “Yes”, or untick them.")
LEG_PROBLEMS = {
    ("no", True, True): _UNASKED,
    ("no", True, False): _UNASKED,
    ("no", False, True): _UNASKED,
    ("yes", False, False): ("sensations", "Tick what is felt in the {leg} leg, or “None felt”."),
    ("yes", True, True): ("none", "The {leg} leg has sensations ticked and “None felt”. Untick one."),
}
"""Asked, something felt, "none felt" ticked: the field at fault and what is said. Other combinations are sound."""


def screen(patient_id: str) -> Answer:
    """The form, and a new screening from it."""
    user = current_user()
    if request.method == "GET":
        patient, previous = records.view_screening(patient_id, by=user, at=now())
        return _page(patient, _blank(previous.document if previous else {}), request.args.get("draft", ""))
    form = nest(request.form)
    errors = problems(form)
    if not errors:
        try:
            screenings.record(patient_id, document=document_of(form), by=user, at=now())
        except MalformedError as error:
            errors = {field_of(path).removeprefix("screening."): messages[0] for path, messages in error.errors.items()}
    draft_id = text(form, "draft")
    if errors:
        patient, _ = records.view_screening(patient_id, by=user, at=now())
        return _page(patient, _typed(form), draft_id, errors), 422
    flash("Screening saved.", "success")
    if draft_id:
        return redirect(url_for("pages.draft", draft_id=draft_id), 303)
    return redirect(url_for("pages.patient", patient_id=patient_id), 303)


def document_of(form: Nested) -> dict[str, Any]:
    """The ``screening`` object of a program file, from a form without problems."""
    legs = {leg.value: _leg(form, leg) for leg in Leg}
    return {
        "date": date_text(group(form, "date")),
        "legs": {
            leg: {"sensations": texts(answer, "sensations")}
            for leg, answer in legs.items()
            if text(answer, "asked") == "yes"
        },
        "causes": texts(form, "causes"),
        "equipment": texts(form, "equipment"),
    } | {flag: YES_NO[text(form, flag)] for flag in FLAGS}


def problems(form: Nested) -> dict[str, str]:
    """What the form leaves open or says twice, by field and in its order. An unanswered question is never a "no"."""
    errors = _date_problems(form)
    for leg in Leg:
        errors |= _leg_problems(_leg(form, leg), leg)
    if not errors and all(text(_leg(form, leg), "asked") == "no" for leg in Leg):
        errors["legs.left.asked"] = "Ask about one leg at least."
    return errors | {flag: f"Say whether {words}." for flag, words in FLAGS.items() if text(form, flag) not in YES_NO}


def _date_problems(form: Nested) -> dict[str, str]:
    date = date_text(group(form, "date"))
    problem = date_problem(date, "Date of the screening") if date else "Give the date of the screening."
    return {"date": problem} if problem else {}


def _leg(form: Nested, leg: Leg) -> Nested:
    return group(group(form, "legs"), leg.value)


def _leg_problems(answer: Nested, leg: Leg) -> dict[str, str]:
    asked, felt, none = text(answer, "asked"), bool(texts(answer, "sensations")), bool(texts(answer, "none"))
    if asked not in YES_NO:
        problem = ("asked", f"Say whether the {leg.value} leg was asked about.")
    else:
        problem = LEG_PROBLEMS.get((asked, felt, none), ("", ""))
    field, words = problem
    return {f"legs.{leg.value}.{field}": words.format(leg=leg.value)} if field else {}


def _blank(previous: Mapping[str, Any]) -> Nested:
    """Today's date; from the last screening only what does not change from day to day."""
    leg = {"asked": "", "sensations": [], "none": False}
    return {
        "date": date_parts(today(current_user()).isoformat()),
        "legs": {one.value: leg for one in Leg},
        "lower_back_sensitive": "",
        "persistent": "",
        "causes": previous.get("causes", []),
        "equipment": previous.get("equipment", []),
    }


def _typed(form: Nested) -> Nested:
    legs = {leg.value: _leg(form, leg) for leg in Leg}
    return {
        "date": {part: text(group(form, "date"), part) for part in ("day", "month", "year")},
        "legs": {
            leg: {
                "asked": text(answer, "asked"),
                "sensations": texts(answer, "sensations"),
                "none": bool(texts(answer, "none")),
            }
            for leg, answer in legs.items()
        },
        "causes": texts(form, "causes"),
        "equipment": texts(form, "equipment"),
    } | {flag: text(form, flag) for flag in FLAGS}


def _page(patient: Patient, typed: Nested, draft_id: str, errors: Mapping[str, str] | None = None) -> str:
    sensations, causes = pack().sensations, pack().causes
    return render_template(
        "screening/form.html",
        patient=patient,
        typed=typed,
        draft_id=draft_id,
        errors=errors or {},
        muscle_options=[(key, sensations[key].label, "") for key in MUSCLE_SENSATIONS if key in sensations],
        nerve_options=[(key, sensations[key].label, "") for key in NERVE_SENSATIONS if key in sensations],
        equipment_options=[(key, label(key), "") for key in EQUIPMENT],
        cause_options=[(cause.id, cause.label, "") for cause in causes.values()],
        section="Patients",
    )
