"""The check, without a patient and without a trace."""

from http import HTTPStatus

from flask import request

from app.api.blueprint import JSON, operation
from app.schemas.catalogue import VerdictOut
from app.services.catalogue import pack
from prescriptions import program_file
from prescriptions.check import check
from prescriptions.program_schema import program_schema


@operation(
    "/check",
    method="POST",
    tag="check",
    gives=VerdictOut,
    errors=(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.UNPROCESSABLE_ENTITY),
    requestBody={
        "required": True,
        "content": {JSON: {"schema": program_schema(pack().parameters, pack().codes)}},
    },
)
def check_program() -> dict[str, object]:
    """Check a program file. Nothing of it is kept."""
    return check(program_file.parse(request.get_data(), pack()), pack()).to_dict()
