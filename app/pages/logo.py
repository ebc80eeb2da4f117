"""The clinic's logo: its picture, and the form to change it."""

import hmac
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import InvalidError
from app.models import User
from app.pages.assets import HASH_LENGTH
from app.security import current_user
from app.services import clinics, logos

Answer = str | Response | tuple[str, int]

PRIVATE = "private, max-age=31536000, immutable"
SANDBOX = "sandbox; default-src 'none'"
"""Whatever the octets were, a browser that is led to them by themselves runs none of them."""


def show() -> Response:
    """The picture. Its address changes when it does, so that the browser of whoever may see it can keep it."""
    logo = logos.get(by=current_user())
    answer = make_response(logo.png)
    answer.mimetype = "image/png"
    answer.headers["Content-Security-Policy"] = SANDBOX
    if hmac.compare_digest(request.args.get("v", "").encode(), logo.sha256[:HASH_LENGTH].encode()):
        answer.headers["Cache-Control"] = PRIVATE
    return answer


def change() -> Answer:
    """The form, and the logo from it."""
    user = current_user()
    if request.method == "GET":
        return _form(user)
    octets = _uploaded()
    if octets is None:
        return _form(user, errors={"logo": "Choose a PNG or JPEG file."}), 422
    try:
        logos.change(octets, by=user, at=now())
    except InvalidError as error:
        return _form(user, errors={"logo": error.errors["logo"][0]}), 422
    flash("Logo saved.", "success")
    return redirect(url_for("pages.clinic"), 303)


def remove() -> Response:
    """Do without a logo."""
    logos.remove(by=current_user(), at=now())
    flash("Logo removed.", "success")
    return redirect(url_for("pages.clinic"), 303)


def address(clinic: Any) -> str | None:  # noqa: ANN401 - a template's value
    """Where the clinic's logo is; None where it has none."""
    if clinic.logo_sha256 is None:
        return None
    return url_for("pages.logo", v=clinic.logo_sha256[:HASH_LENGTH])


def _uploaded() -> bytes | None:
    """What came as the file, as much of it as is needed; None where none was chosen."""
    upload = request.files.get("logo")
    if upload is None or not upload.filename:
        return None
    with upload.stream as stream:  # on disk, where it is large
        return bytes(stream.read(logos.LARGEST + 1))


def _form(user: User, errors: dict[str, str] | None = None) -> str:
    return render_template("clinic/logo.html", clinic=clinics.get(by=user), errors=errors or {}, section="Clinic")
