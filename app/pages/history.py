"""What the clinic has issued: filters, pages, and the same as a table to take away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response as FlaskResponse
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import InvalidError
from app.models import Patient
from app.pages import searching, spreadsheet
from app.pages.forms import date_parts, date_problem, date_text, group, nest, text
from app.pages.viewer import query_page, today
from app.security import current_user
from app.services import history
from app.services.history import STATUSES, HistoryFilters, HistoryRow

Answer = str | Response | tuple[str, int]

LIST = "programs"
SUBJECTS = {"patient": "Patient name or record number", "number": "Program number"}
"""The fields whose words no address shows, as they are labelled."""
CHOICES = ("status", "therapist")
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form, or the address, asks for."""

    words: Mapping[str, str]
    choices: Mapping[str, str]
    dates: Mapping[str, str]
    """As ``date_text`` has them."""


def show() -> Answer:
    """The programs that the filters let through; the form leads on to an address of them, without its words."""
    asked = _asked(searching.asked(LIST, SUBJECTS))
    errors = _errors(asked)
    if errors:
        return _page(asked, errors, None), 422
    if request.method == "POST":
        return redirect(url_for("pages.history", **searching.sealed(LIST, asked.words), **_plain(asked)), 303)
    return _page(asked, {}, history.find(filters=_filters(asked), page=query_page(), by=current_user(), at=now()))


def download() -> Response:
    """The same as CSV. The name tells nothing of what is inside."""
    user = current_user()
    rows = history.rows(filters=_filters(_asked(searching.asked_for_good(LIST, SUBJECTS))), by=user, at=now())
    table = "".join(spreadsheet.lines(COLUMNS, map(_cells, rows)))
    answer = FlaskResponse(table, mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"holdwell-history_{today(user).isoformat()}.csv")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def search_for(patient: Patient) -> dict[str, Any]:
    """The part of this list's address that finds what was issued to a patient."""
    return searching.sealed(LIST, {"patient": patient.identifier or patient.name})


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


def _asked(words: Mapping[str, str]) -> Asked:
    """The rest of what was asked for, from the form or the address."""
    form = nest(request.form if request.method == "POST" else request.args)
    choices = {name: text(form, name).strip() for name in CHOICES}
    return Asked(words, choices, {name: date_text(group(form, name)) for name in DATES})


def _filters(asked: Asked) -> HistoryFilters:
    words = " ".join(filter(None, (asked.words[name] for name in SUBJECTS)))
    return HistoryFilters(
        text=words,
        status=asked.choices["status"],
        issued_by_id=asked.choices["therapist"],
        issued_from=asked.dates["issued_from"],
        issued_to=asked.dates["issued_to"],
    )


def _errors(asked: Asked) -> dict[str, str]:
    """What is wrong, by field of the form."""
    dates = {name: date_problem(value, DATES[name]) for name, value in asked.dates.items()}
    found = searching.problems(asked.words, SUBJECTS) | {name: problem for name, problem in dates.items() if problem}
    if found:
        return found
    try:
        history.check(_filters(asked))
    except InvalidError as error:
        return {FIELDS.get(name, name): messages[0] for name, messages in error.errors.items()}
    return {}


def _plain(asked: Asked) -> dict[str, Any]:
    """What may be read in an address, as it holds nothing of a patient."""
    dates = {f"{name}.{part}": text for name, iso in asked.dates.items() for part, text in date_parts(iso).items()}
    return {name: value for name, value in {**asked.choices, **dates}.items() if value}


def _page(asked: Asked, errors: dict[str, str], page: object) -> str:
    query = {} if request.method == "POST" else searching.query(asked.words) | _plain(asked)
    return render_template(
        "history/list.html",
        page=page,
        typed={**asked.words, **asked.choices},
        dates={name: date_parts(value) for name, value in asked.dates.items()},
        errors=errors,
        query=query,
        columns=COLUMNS,
        statuses=[("", "Any status"), *((status, status.capitalize()) for status in STATUSES)],
        therapists=[("", "Anybody"), *((one.id, one.name) for one in history.therapists(by=current_user()))],
        section="History",
    )
