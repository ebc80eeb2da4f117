"""The check-your-answers page: everything once more, a reason where one is needed, and the button that issues."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import ConflictError, KeyReusedError, NotFoundError, PrinterError
from app.models import IssuedProgram
from app.pages import draft_view, reasons
from app.pages.drafts import Answer, Desk, desk_of
from app.pages.forms import Nested, nest, text, whole
from app.pages.viewer import today
from app.security import current_user
from app.services import drafts, programs
from app.services.catalogue import pack
from app.services.printing import without_shape
from prescriptions.check import Verdict
from prescriptions.errors import UnprintableError

CHANGE = "change:"
CHANGED = (
    "This draft, the screening or the patient changed meanwhile. What stands below is the newest: check it once more."
)

TOO_EARLY = "The start date has passed. Change it to today or a later day, or leave it empty to start at once."


def check(draft_id: str) -> Answer:
    """The page; and issuing, or going back to the draft, from it."""
    user = current_user()
    form = nest(request.form)
    try:
        desk = desk_of(draft_id, by=user)
    except NotFoundError:
        return _issued_before(draft_id, form)
    verdict = drafts.examine(desk.draft.document, patient_id=desk.patient.id, by=user).verdict
    if verdict is None:
        return redirect(url_for("pages.draft", draft_id=draft_id), 303)
    if request.method == "POST":
        return _answered(desk, verdict, form)
    return _page(desk, verdict, reasons.kept(desk.draft.document, pack()), key=str(uuid.uuid4()))


def _answered(desk: Desk, verdict: Verdict, form: Nested) -> Answer:
    action, key, given = text(form, "act"), text(form, "key"), reasons.typed(form)
    if text(form, "seen") != fingerprint(desk):
        return _page(desk, verdict, given, key=key, problem=CHANGED), 409
    if action.startswith(CHANGE):
        _with_reasons(desk, verdict, given)
        target = action.removeprefix(CHANGE)
        return redirect(url_for("pages.draft", draft_id=desk.draft.id, _anchor=target), 303)
    if action != "issue":
        raise BadRequest("There is no such button.")
    errors = reasons.problems(verdict, given, pack())
    if errors:
        return _page(desk, verdict, given, key=key, errors=errors), 422
    if _starts_too_early(desk):
        return _page(desk, verdict, given, key=key, problem=TOO_EARLY), 422
    try:
        return _issue(_with_reasons(desk, verdict, given), key)
    except (ConflictError, PrinterError, UnprintableError) as error:
        return _page(desk_of(desk.draft.id, by=current_user()), verdict, given, key=key, problem=str(error)), 409


def _starts_too_early(desk: Desk) -> bool:
    starts_on = str(desk.draft.document.get("starts_on") or "").strip()
    return bool(starts_on) and starts_on < today(current_user()).isoformat()


def _issue(desk: Desk, key: str) -> Response:
    revision = desk.draft.revision
    return _done(
        programs.issue(draft_id=desk.draft.id, revision=revision, idempotency_key=key, by=current_user(), at=now())
    )


def _issued_before(draft_id: str, form: Nested) -> Response:
    """The answer to pressing twice: the first press has issued the draft, which is therefore gone."""
    if text(form, "act") != "issue":
        raise NotFoundError("draft")
    seen = whole(text(form, "revision"))
    user, key = current_user(), text(form, "key")
    try:  # the first press has saved the reasons, and with them a revision
        return _done(programs.issue(draft_id=draft_id, revision=seen + 1, idempotency_key=key, by=user, at=now()))
    except KeyReusedError:
        return _done(programs.issue(draft_id=draft_id, revision=seen, idempotency_key=key, by=user, at=now()))


def _done(program: IssuedProgram) -> Response:
    flash(f"{program.number}, version {program.version}, is issued. Its PDF is ready.", "success")
    return redirect(url_for("pages.program", program_id=program.id), 303)


def _with_reasons(desk: Desk, verdict: Verdict, given: Mapping[str, reasons.Answer]) -> Desk:
    """The desk with the given reasons saved in the draft."""
    document = desk.draft.document | {"acknowledgements": reasons.acknowledgements(verdict, given, pack())}
    if document == desk.draft.document:
        return desk
    revision = desk.draft.revision
    draft = drafts.save(desk.draft.id, document=document, revision=revision, by=current_user(), at=now())
    return Desk(draft, desk.patient, desk.screening)


def fingerprint(desk: Desk) -> str:
    """A hash over all that the page shows but the reasons: only what was seen is issued."""
    document = {name: value for name, value in desk.draft.document.items() if name != "acknowledgements"}
    seen = [document, desk.draft.supersedes_id, desk.patient.revision, desk.screening.id if desk.screening else None]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def _unprintable(desk: Desk) -> list[str]:
    """What the paper's font can't show: said before somebody presses the last button, not after."""
    items: list[Mapping[str, str]] = desk.draft.document.get("items", [])  # type: ignore[assignment]  # a draft's own shape
    notes = [(f"The note of exercise {number}", item.get("note", "")) for number, item in enumerate(items, start=1)]
    texts = [
        ("The name of the patient", desk.patient.name),
        ("The record number", desk.patient.identifier or ""),
        *notes,
    ]
    try:
        found = [(where, without_shape(text)) for where, text in texts]
    except (PrinterError, UnprintableError):
        return []  # issuing will say so; this page has other things to show
    return [f"{where} holds {signs}, which no handout can show." for where, signs in found if signs]


def _page(desk: Desk, verdict: Verdict, given: Mapping[str, reasons.Answer], *, key: str, **more: Any) -> str:  # noqa: ANN401 - what the template names
    base_id, user = desk.draft.supersedes_id, current_user()
    return render_template(
        "drafts/check.html",
        **({"errors": {}, "problem": ""} | more),
        draft=desk.draft,
        unprintable=_unprintable(desk),
        patient=desk.patient,
        screening=desk.screening,
        key=key,
        seen=fingerprint(desk),
        document=desk.draft.document,
        items=draft_view.item_views(desk.draft.document, verdict.findings, pack()),
        blocked=[one for one in verdict.findings if one.severity == "block"],
        cautions=reasons.cautions(verdict, given, pack()),
        advice=[one for one in verdict.findings if one.severity == "advice"],
        minutes=verdict.session_minutes,
        base=programs.get(base_id, by=user, at=now()) if base_id else None,
        section="Patients",
    )
