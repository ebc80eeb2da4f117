"""The builder: one form, many buttons. Whatever is typed is kept, whichever button is pressed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import StaleError
from app.models import User
from app.pages import draft_view, words
from app.pages.builder import Document, Outcome, act, document_of, edited
from app.pages.forms import Nested, date_parts, nest, text, whole
from app.pages.library import library
from app.security import current_user
from app.services import drafts, records
from app.services.catalogue import pack
from app.services.records import Desk
from prescriptions.program import ACTIVITIES, TIMINGS

Answer = str | Response | tuple[str, int]


def start(patient_id: str) -> Answer:
    """Begin a program, or the next version of one."""
    user = current_user()
    from_program = text(nest(request.form), "from_program") or None
    opening = {"sessions_per_week": str(pack().frequency.default)}
    draft = drafts.start(patient_id, from_program=from_program, opening=opening, by=user, at=now())
    return redirect(url_for("pages.draft", draft_id=draft.id), 303)


def discard(draft_id: str) -> Answer:
    """Throw the draft away, unless somebody saved it since the page was shown."""
    user = current_user()
    draft = drafts.get(draft_id, by=user)
    try:
        drafts.discard(draft_id, revision=whole(text(nest(request.form), "revision")), by=user, at=now())
    except StaleError:
        records.view_desk(draft_id, by=user, at=now())
        flash("The draft was saved meanwhile, so it was not discarded.", "success")
    else:
        flash("Draft discarded.", "success")
    return redirect(url_for("pages.patient", patient_id=draft.patient_id), 303)


def build(draft_id: str) -> Answer:
    """Show the builder, or do what one of its buttons says."""
    user = current_user()
    if request.method == "GET":
        desk = records.view_desk(draft_id, by=user, at=now())
        return _page(desk, dict(desk.draft.document), desk.draft.revision)
    desk, form = records.desk(draft_id, by=user), nest(request.form)
    action, revision = text(form, "act") or "save", whole(text(form, "revision"))
    outcome = _outcome(desk, form, action)
    try:
        desk = _saved(desk, outcome.document, revision, by=user)
    except StaleError as error:
        newest = records.view_desk(draft_id, by=user, at=now())
        return _page(newest, outcome.document, error.revision, theirs=error), 409
    if action in AWAY:
        return AWAY[action](desk)
    if outcome.removed is not None:
        return _page(desk, outcome.document, desk.draft.revision, removed=outcome.removed)
    if outcome.said:
        flash(outcome.said, "success")
    return redirect(url_for("pages.draft", draft_id=draft_id, _anchor=outcome.target or None), 303)


def _outcome(desk: Desk, form: Nested, action: str) -> Outcome:
    document = document_of(form, desk.draft.document)
    if action in AWAY:
        return Outcome(document)
    if action == "save":
        return Outcome(document, edited(desk.draft.document, document), "Draft saved.")
    sides = {entry.exercise.id: entry.side for entry in _library(desk)}
    return act(document, action, form, pack(), sides.get(action.partition(":")[2], ""))


def _saved(desk: Desk, document: Document, revision: int, *, by: User) -> Desk:
    """The desk after saving; the same where somebody pressed twice and there is nothing new to save."""
    if document == desk.draft.document:
        return records.view_desk(desk.draft.id, by=by, at=now())
    return replace(desk, draft=drafts.save(desk.draft.id, document=document, revision=revision, by=by, at=now()))


def _to_check(desk: Desk) -> Answer:
    """On to the check page; what can't even be read has to be put right first."""
    if drafts.examine(desk.draft.document, patient_id=desk.patient.id, by=current_user()).errors:
        return _page(desk, dict(desk.draft.document), desk.draft.revision, validated=True), 422
    return redirect(url_for("pages.check_draft", draft_id=desk.draft.id), 303)


def _to_screening(desk: Desk) -> Answer:
    """On to a new screening, which leads back to the draft."""
    return redirect(url_for("pages.screen", patient_id=desk.patient.id, draft=desk.draft.id), 303)


AWAY: Mapping[str, Callable[[Desk], Answer]] = {"check": _to_check, "screen": _to_screening}
"""Buttons that lead to another page, once the draft is saved."""


def _examined(desk: Desk, document: Document) -> drafts.Examination:
    return drafts.examine(document, patient_id=desk.patient.id, by=current_user())


def _library(desk: Desk) -> list[Any]:
    return library(pack(), desk.screening.document if desk.screening else None)


def _heading(desk: Desk) -> str:
    return "New program" if desk.base is None else f"New version of {desk.base.number}"


def _page(desk: Desk, document: Document, revision: int, **more: Any) -> str:  # noqa: ANN401 - what the template names
    examination = _examined(desk, document)
    verdict = examination.verdict or _examined(desk, draft_view.legible(document, examination)).verdict
    errors = draft_view.field_errors(examination, document, pack())
    findings = draft_view.told(examination, verdict)
    return render_template(
        "drafts/builder.html",
        **({"theirs": None, "removed": None, "validated": False} | more),
        draft=desk.draft,
        patient=desk.patient,
        screening=desk.screening,
        revision=revision,
        document=document,
        quiet=not more.get("validated", False),
        starts_on=date_parts(document.get("starts_on", "")),
        items=draft_view.item_views(document, findings, pack()),
        place=draft_view.places(findings),
        errors=errors,
        todo=draft_view.todo(errors, findings),
        heading=_heading(desk),
        minutes=verdict.session_minutes if verdict and not errors else None,
        library=_library(desk),
        activity_options=[(key, words.label(key), "") for key in ACTIVITIES],
        timing_options=[(key, words.label(key), "") for key in TIMINGS],
        section="Patients",
    )
