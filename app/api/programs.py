"""Issued programs."""

from http import HTTPStatus
from typing import Any

from flask import Response, request, url_for

from app.api.blueprint import JSON, operation
from app.clock import now
from app.errors import InvalidError
from app.models import IssuedProgram
from app.schemas.programs import IssueHeaders, ProgramOut, ProgramPage, ProgramQuery, ProgramSearch, WithdrawalIn
from app.security import current_user
from app.services import programs
from app.services.owned import Page
from app.services.programs import HistoryFilters

OWN_KEYS = {"patient_id": "Whose program it is.", "supersedes": "Id of the newest version of the program it replaces."}
"""What stands in the body beside the program file."""
REFERS_TO = {"patient_id": "patient", "supersedes": "program"}
"""What each of them is the id of."""


REFUSALS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
"""What every act on a program may answer instead."""


@operation(
    "/programs", tag="programs", query=ProgramQuery, gives=ProgramPage, errors=(HTTPStatus.UNPROCESSABLE_ENTITY,)
)
def find_programs(query: dict[str, Any]) -> Page[IssuedProgram]:
    """Issued programs of the clinic, newest first."""
    return _found(query)


@operation(
    "/programs/search",
    method="POST",
    tag="programs",
    body=ProgramSearch,
    gives=ProgramPage,
    errors=(HTTPStatus.BAD_REQUEST, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.UNPROCESSABLE_ENTITY),
)
def search_programs(body: dict[str, Any]) -> Page[IssuedProgram]:
    """Issued programs that words find as well. The words come in the body: addresses are kept by proxies."""
    return _found(body)


@operation(
    "/programs",
    method="POST",
    tag="programs",
    headers=IssueHeaders,
    gives=ProgramOut,
    status=HTTPStatus.CREATED,
    errors=(*REFUSALS, HTTPStatus.SERVICE_UNAVAILABLE),
    requestBody={
        "required": True,
        "description": "A program file without patient, and beside it the keys that say whose it is.",
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "required": ["patient_id", "format", "items"],
                    "properties": {
                        name: {"type": "string", "description": words, "x-ref": REFERS_TO[name]}
                        for name, words in OWN_KEYS.items()
                    },
                }
            }
        },
    },
)
def issue_program(headers: dict[str, Any]) -> tuple[IssuedProgram, dict[str, str]]:
    """Issue a program: check it, print it and keep it for good. Asked twice with one key, it is issued once."""
    body = request.get_json()
    own = _own_keys(body)
    program = programs.issue_file(
        patient_id=own["patient_id"],
        document={key: value for key, value in body.items() if key not in OWN_KEYS},
        supersedes=own.get("supersedes"),
        idempotency_key=headers["idempotency_key"],
        by=current_user(),
        at=now(),
    )
    return program, {"Location": url_for("api.program", program_id=program.id)}


@operation("/programs/<program_id>", tag="programs", gives=ProgramOut, errors=(HTTPStatus.NOT_FOUND,))
def program(program_id: str) -> IssuedProgram:
    """One version of a program, as it was issued."""
    return programs.get(program_id, by=current_user(), at=now())


@operation(
    "/programs/<program_id>/pdf",
    tag="programs",
    errors=(HTTPStatus.NOT_FOUND, HTTPStatus.INTERNAL_SERVER_ERROR),
    responses={
        "200": {
            "description": "The handout.",
            "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def program_pdf(program_id: str) -> Response:
    """The handout, byte for byte as it was issued."""
    pdf = programs.pdf(program_id, by=current_user(), at=now())
    response = Response(pdf.content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{pdf.filename}"'
    return response


@operation(
    "/programs/<program_id>/withdrawal",
    method="POST",
    tag="programs",
    body=WithdrawalIn,
    gives=ProgramOut,
    status=HTTPStatus.CREATED,
    errors=REFUSALS,
)
def withdraw_program(body: dict[str, Any], program_id: str) -> IssuedProgram:
    """Withdraw a program, with a reason. It stays in the history."""
    return programs.withdraw(program_id, reason=body["reason"], by=current_user(), at=now())


def _found(asked: dict[str, Any]) -> Page[IssuedProgram]:
    filters = {name: value for name, value in asked.items() if name != "page"}
    return programs.find(filters=HistoryFilters(**filters), page=asked["page"], by=current_user(), at=now())


def _own_keys(body: object) -> dict[str, str]:
    if not isinstance(body, dict):
        raise InvalidError({"body": ["Must be an object."]})
    own = {key: body[key] for key in OWN_KEYS if key in body}
    errors = {key: ["Must be text."] for key, value in own.items() if not isinstance(value, str)}
    if "patient_id" not in own:
        errors["patient_id"] = ["Say whose program it is."]
    if errors:
        raise InvalidError(errors)
    return own
