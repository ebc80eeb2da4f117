"""The check-your-answers page: everything once more, a reason where one is needed, and the button that issues."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import ConflictError, KeyReusedError, NotFoundError, PrinterError
from app.models import IssuedProgram
from app.pages import draft_view, reasons
from app.pages.drafts import Answer
from app.pages.forms import Nested, nest, text, whole
from app.pages.viewer import today
from app.security import current_user
from app.services import drafts, programs, records
from app.services.catalogue import pack
from app.services.printing import without_shape
from app.services.records import Desk
from prescriptions.check import Verdict
from prescriptions.errors import UnprintableError

CHANGE = "change:"
CHANGED = (
    "This draft, the screening or the patient changed meanwhile. What stands below is the newest: check it once more."
)

TOO_EARLY = "The start date has passed. Change it to today or a later day, or leave it empty to start at once."


def check(draft_id: str) -> Answer:
    """The page; and issuing, or going back to the draft, from it."""
    form = nest(request.form)
    if request.method == "GET":
        return _shown(draft_id, None, HTTPStatus.OK, key=str(uuid.uuid4()))
    try:
        desk = records.desk(draft_id, by=current_user())
    except NotFoundError:
        return _issued_before(draft_id, form)
    given, verdict = reasons.typed(form), _verdict(desk)
    if verdict is None or text(form, "seen") != fingerprint(desk):
        return _shown(draft_id, given, HTTPStatus.CONFLICT, key=text(form, "key"), problem=CHANGED)
    return _answered(desk, verdict, form, given)


def _answered(desk: Desk, verdict: Verdict, form: Nested, given: Mapping[str, reasons.Answer]) -> Answer:
    action, key, draft_id = text(form, "act"), text(form, "key"), desk.draft.id
    if action.startswith(CHANGE):
        if _with_reasons(desk, verdict, given) is desk:
            records.view_desk(draft_id, by=current_user(), at=now())
        return redirect(url_for("pages.draft", draft_id=draft_id, _anchor=action.removeprefix(CHANGE)), 303)
    if action != "issue":
        raise BadRequest("There is no such button.")
    errors = reasons.problems(verdict, given, pack())
    if errors:
        return _shown(draft_id, given, HTTPStatus.UNPROCESSABLE_ENTITY, key=key, errors=errors)
    if _starts_too_early(desk):
        return _shown(draft_id, given, HTTPStatus.UNPROCESSABLE_ENTITY, key=key, problem=TOO_EARLY)
    try:
        return _issue(_with_reasons(desk, verdict, given), key)
    except (ConflictError, PrinterError, UnprintableError) as error:
        return _shown(draft_id, given, HTTPStatus.CONFLICT, key=key, problem=str(error))


def _verdict(desk: Desk) -> Verdict | None:
    return drafts.examine(desk.draft.document, patient_id=desk.patient.id, by=current_user()).verdict


def _shown(
    draft_id: str,
    given: Mapping[str, reasons.Answer] | None,
    status: HTTPStatus,
    **more: Any,  # noqa: ANN401 - what the template names
) -> Answer:
    """The page as things stand now; the builder instead where there is no program to check. It leaves an event."""
    desk = records.view_desk(draft_id, by=current_user(), at=now())
    verdict = _verdict(desk)
    if verdict is None:
        return redirect(url_for("pages.draft", draft_id=draft_id), 303)
    kept = reasons.kept(desk.draft.document, pack()) if given is None else given
    return _page(desk, verdict, kept, **more), status


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
    return replace(desk, draft=draft)


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
        base=desk.base,
        section="Patients",
    )
