"""Every route of the application, with an address for each. A new route is walked without being named here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.models import User
from app.policy import POLICY
from tests.builders import STRANGER_ID, a_draft, a_screened_patient, an_issued_program

NO_CLINICS = {"exercise_id": "standing-hamstring-stretch", "filename": "app.css", "name": "app.css"}
SAFE = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Call:
    """A method of a route, with an address."""

    endpoint: str
    method: str
    path: str
    rule: Rule = field(compare=False, repr=False)

    @property
    def changes(self) -> bool:
        """Whether it may change anything."""
        return self.method not in SAFE

    @property
    def is_api(self) -> bool:
        """Whether a program asks, not a person."""
        return self.path.startswith("/api/")


def calls(app: Flask, ids: Mapping[str, str] | None = None) -> Iterator[Call]:
    """Every method of every route. An argument that ``ids`` lacks is the id of nobody."""
    known = NO_CLINICS | dict(ids or {})
    urls = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        arguments = {name: known.get(name, STRANGER_ID) for name in rule.arguments}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Call(rule.endpoint, method, urls.build(rule.endpoint, arguments), rule)


def pages_to_read(app: Flask, ids: Mapping[str, str] | None = None) -> list[Call]:
    """What a GET shows."""
    return [call for call in calls(app, ids) if call.method == "GET" and call.endpoint != "static"]


def ask(browser: FlaskClient, call: Call, **options: Any) -> TestResponse:
    """The whole answer to a call."""
    answer = browser.open(call.path, method=call.method, **options)
    answer.get_data()
    answer.close()
    return answer


def access(call: Call) -> object:
    """What the policy says."""
    return POLICY[call.endpoint, call.method].access


def a_world(by: User, **changes: str) -> dict[str, str]:
    """One row of each kind, by the name of the argument that asks for it. Inside an application context."""
    program = an_issued_program(by, patient=a_screened_patient(by, **changes))
    draft = a_draft(a_screened_patient(by), by)
    return {"patient_id": program.patient_id, "draft_id": draft.id, "program_id": program.id}
