"""The audit trail: search it, see the last week in figures, take it away. Ids stand for patients, never names."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response as FlaskResponse
from flask import redirect, render_template, request, stream_with_context, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import InvalidError
from app.models import Action
from app.pages import audit_words, spreadsheet
from app.pages.forms import Nested, date_parts, date_problem, date_text, group, nest, text
from app.pages.viewer import today, zone
from app.security import current_user
from app.services import audit_search, audit_week
from app.services.audit_search import ORDERS, OUTCOMES, Order, TrailFilters, TrailPage
from app.services.audit_table import COLUMNS, cells

Answer = str | Response | tuple[str, int]

DATES = {"since": "From", "until": "Until"}
FIELDS = {"actor_id": "person", "patient_id": "patient", "object_id": "object"}
"""The service's name of a filter to the form's, where they differ."""
SORTS = {
    "when": "When",
    "person": "Person",
    "action": "What was done",
    "outcome": "Outcome",
    "patient": "Patient id",
    "object": "Object id",
    "ip": "Address",
}
DIRECTIONS = {"": "Newest first, Z to A", "up": "Oldest first, A to Z"}
LONGEST_NUMBER = 18


def trail() -> Answer:
    """The lines that the filters let through; without any, the last week above them.

    The form leads on to an address of them, once they are ids and no name that somebody typed for one.
    """
    errors = _errors()
    if errors:
        return _page(None, errors), 422
    if request.method == "POST":
        return redirect(url_for("pages.audit", **_query()), 303)
    page = audit_search.find(filters=_filters(), order=_order(), after=_after(), by=current_user(), at=now())
    return _page(page, {})


def download() -> Response:
    """The same as CSV, oldest first. The name tells nothing of what is inside."""
    user = current_user()
    events = audit_search.export(filters=_filters(), by=user, at=now())
    rows: Iterator[tuple[str, ...]] = (cells(event, user.clinic.time_zone) for event in events)
    answer = FlaskResponse(stream_with_context(spreadsheet.lines(COLUMNS, rows)), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"holdwell-audit_{today(user).isoformat()}.csv")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _filters() -> TrailFilters:
    typed = _typed()
    return TrailFilters(
        actor_id=typed["person"],
        action=typed["action"],
        outcome=typed["outcome"],
        patient_id=typed["patient"],
        object_id=typed["object"],
        **_dates(),
    )


def _order() -> Order:
    typed = _typed()
    return Order(typed["sort"] if typed["sort"] in ORDERS else "when", descending=typed["direction"] != "up")


def _after() -> int | None:
    after = request.args.get("after", "")
    return int(after) if after.isascii() and after.isdigit() and len(after) <= LONGEST_NUMBER else None


def _typed() -> dict[str, str]:
    names = ("person", "action", "outcome", "patient", "object", "sort", "direction")
    return {name: text(_form(), name).strip() for name in names}


def _form() -> Nested:
    return nest(request.form if request.method == "POST" else request.args)


def _dates() -> dict[str, Any]:
    return {name: date_text(group(_form(), name)) for name in DATES}


def _errors() -> dict[str, str]:
    """What is wrong, by field of the form."""
    dates = {name: date_problem(value, DATES[name]) for name, value in _dates().items()}
    found = {name: problem for name, problem in dates.items() if problem}
    if found:
        return found
    try:
        audit_search.check(_filters())
    except InvalidError as error:
        return {FIELDS.get(name, name): messages[0] for name, messages in error.errors.items()}
    return {}


def _query() -> dict[str, Any]:
    """The part of an address that asks for the same again."""
    dates = {f"{name}.{part}": value for name, iso in _dates().items() for part, value in date_parts(iso).items()}
    return {name: value for name, value in (_typed() | dates).items() if value}


def _page(page: TrailPage | None, errors: dict[str, str]) -> str:
    user = current_user()
    query = _query()
    people = audit_search.people(by=user)
    is_bare = not query and _after() is None
    return render_template(
        "audit/trail.html",
        page=page,
        many=audit_week.MANY,
        week=audit_week.last_week(by=user, at=now()) if is_bare else None,
        names=people,
        sentence=lambda event: audit_words.sentence(event, people),
        did=audit_words.did,
        typed=_typed(),
        dates={name: date_parts(value) for name, value in _dates().items()},
        **_choices(people),
        errors=errors,
        query=query,
        is_first=_after() is None,
        order=_order(),
        columns=COLUMNS,
        time_zone=zone(),
        section="Audit",
    )


def _choices(people: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """What the form's lists offer."""
    return {
        "people": [("", "Anybody"), *people.items()],
        "actions": [("", "Anything"), *((one.value, _capital(audit_words.DID[one])) for one in Action)],
        "outcomes": [("", "Any outcome"), *((outcome, outcome.capitalize()) for outcome in OUTCOMES)],
        "sorts": [("" if name == "when" else name, words) for name, words in SORTS.items()],
        "directions": list(DIRECTIONS.items()),
    }


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
