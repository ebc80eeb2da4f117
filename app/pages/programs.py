"""An issued program: its page, its PDF, its withdrawal."""

from typing import Any

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import InvalidError
from app.models import IssuedProgram
from app.pages.builder import name_of
from app.pages.forms import nest, text
from app.security import current_user
from app.services import drafts, programs
from app.services.catalogue import pack

Answer = str | Response | tuple[str, int]


def show(program_id: str) -> Answer:
    """The program as it was issued."""
    user = current_user()
    program = programs.get(program_id, by=user, at=now())
    versions = programs.versions(program, by=user)
    document: dict[str, Any] = program.program_file
    return render_template(
        "programs/show.html",
        program=program,
        patient=program.patient,
        versions=versions,
        newest=versions[0],
        successor=next((one for one in versions if one.supersedes_id == program.id), None),
        document=document,
        verdict=program.verdict,
        reasons={one["code"]: one["reason"] for one in document.get("acknowledgements", [])},
        names={item["exercise"]: name_of(item["exercise"], pack()) for item in document["items"]},
        octets=programs.pdf_size(program, by=user),
        draft=drafts.of_patient(program.patient_id, by=user),
        section="History",
    )


def download(program_id: str) -> Response:
    """The PDF as it was issued. Its name tells nothing of the patient: copies linger in download folders."""
    pdf = programs.pdf(program_id, by=current_user(), at=now())
    answer = FlaskResponse(pdf.content, mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "attachment", filename=pdf.filename)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def withdraw(program_id: str) -> Answer:
    """Ask for the reason, then take the program back."""
    user = current_user()
    if request.method == "GET":
        return _withdraw_page(programs.get(program_id, by=user, at=now()), "", {})
    reason = text(nest(request.form), "reason")
    try:
        programs.withdraw(program_id, reason=reason, by=user, at=now())
    except InvalidError as error:
        program = programs.get(program_id, by=user, at=now())
        return _withdraw_page(program, reason, {name: messages[0] for name, messages in error.errors.items()}), 422
    flash("The program is withdrawn. Tell the patient to stop using the handout.", "success")
    return redirect(url_for("pages.program", program_id=program_id), 303)


def _withdraw_page(program: IssuedProgram, reason: str, errors: dict[str, str]) -> str:
    return render_template(
        "programs/withdraw.html",
        program=program,
        patient=program.patient,
        reason=reason,
        errors=errors,
        section="History",
    )
