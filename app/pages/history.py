"""What the clinic has issued: filters, pages, and the same as a table to take away."""

from dataclasses import replace
from typing import Any

from flask import Response as FlaskResponse
from flask import render_template, request
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import InvalidError
from app.pages import spreadsheet
from app.pages.forms import date_parts, date_problem, date_text, group, nest
from app.pages.viewer import query_page, today
from app.security import current_user
from app.services import history
from app.services.history import STATUSES, HistoryFilters, HistoryRow

Answer = str | Response | tuple[str, int]

DATES = {"issued_from": "Issued from", "issued_to": "Issued until"}
FIELDS = {"issued_by_id": "therapist", "text": "patient"}
"""The service's name of a filter to the form's, where they differ."""
COLUMNS = (
    "Program number",
    "Version",
    "Status",
    "Issued on",
    "Issued at",
    "Therapist",
    "Patient",
    "Record number",
    "Date of birth",
    "Catalogue",
    "Catalogue version",
    "PDF SHA-256",
)


def show() -> Answer:
    """The programs that the filters of the address let through."""
    user = current_user()
    typed, errors = _typed(), _date_errors()
    filters = _filters()
    if errors:
        return _page(typed, errors, None), 422
    try:
        page = history.find(filters=filters, page=query_page(), by=user, at=now())
    except InvalidError as error:
        return _page(typed, {FIELDS.get(name, name): messages[0] for name, messages in error.errors.items()}, None), 422
    return _page(typed, {}, page)


def download() -> Response:
    """The same as CSV. The name tells nothing of what is inside."""
    user = current_user()
    rows = history.rows(filters=_filters(), by=user, at=now())
    table = "".join(spreadsheet.lines(COLUMNS, map(_cells, rows)))
    answer = FlaskResponse(table, mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"holdwell-history_{today(user).isoformat()}.csv")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _cells(row: HistoryRow) -> tuple[str, ...]:
    return (
        row.number,
        str(row.version),
        row.status,
        row.issued_at.date().isoformat(),
        f"{row.issued_at:%H:%M}",
        row.issued_by,
        row.patient_name,
        row.patient_identifier,
        row.patient_birth_date,
        row.pack,
        row.pack_version,
        row.pdf_sha256,
    )


def _filters() -> HistoryFilters:
    words = " ".join(filter(None, (request.args.get(name, "").strip() for name in ("patient", "number"))))
    filters = HistoryFilters(
        text=words, status=request.args.get("status", ""), issued_by_id=request.args.get("therapist", "")
    )
    return replace(filters, **_dates())


def _dates() -> dict[str, Any]:
    form = nest(request.args)
    return {name: date_text(group(form, name)) for name in DATES}


def _date_errors() -> dict[str, str]:
    found = {name: date_problem(value, DATES[name]) for name, value in _dates().items()}
    return {name: problem for name, problem in found.items() if problem}


def _typed() -> dict[str, str]:
    return {name: request.args.get(name, "").strip() for name in ("patient", "number", "status", "therapist")}


def _page(typed: dict[str, str], errors: dict[str, str], page: object) -> str:
    given = {name: value for name, value in request.args.items() if value and name != "page"}
    return render_template(
        "history/list.html",
        page=page,
        typed=typed,
        dates={name: date_parts(value) for name, value in _dates().items()},
        errors=errors,
        query=given,
        columns=COLUMNS,
        statuses=[("", "Any status"), *((status, status.capitalize()) for status in STATUSES)],
        therapists=[("", "Anybody"), *((one.id, one.name) for one in history.therapists(by=current_user()))],
        section="History",
    )
