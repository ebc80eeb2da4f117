"""The clinic's identity provider, where its administrator sets it. The way in by it: ``provider_sign_in``."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import ConflictError, InvalidError
from app.models import IdentityProvider
from app.pages.forms import nest, text
from app.pages.provider_sign_in import BACK, DOOR, address_of
from app.security import current_user
from app.services import providers

Answer = str | Response | tuple[str, int]

SUBJECTS = ("issuer", "client_id", "secret")


def edit() -> Answer:
    """The form for the clinic's provider, and the change from it."""
    user = current_user()
    row = providers.of_clinic(by=user)
    if request.method == "GET":
        return _form(row, _stored(row))
    form = nest(request.form)
    typed = {name: text(form, name) for name in SUBJECTS}
    try:
        providers.change(
            issuer=typed["issuer"], client_id=typed["client_id"], client_secret=typed["secret"], by=user, at=now()
        )
    except InvalidError as error:
        found = {name.replace("client_secret", "secret"): messages[0] for name, messages in error.errors.items()}
        return _form(row, typed, errors=found), 422
    except ConflictError as error:
        return _form(row, typed, errors={"issuer": str(error)}), 409
    flash("Identity provider saved. Try it in another browser before you rely on it.", "success")
    return redirect(url_for("pages.clinic"), 303)


def remove() -> Answer:
    """Let nobody sign in by the provider any more."""
    user = current_user()
    try:
        providers.remove(by=user, at=now())
    except ConflictError as error:
        row = providers.of_clinic(by=user)
        return _form(row, _stored(row), errors={"without": str(error)}), 409
    flash("Identity provider removed.", "success")
    return redirect(url_for("pages.clinic"), 303)


def _stored(row: IdentityProvider | None) -> dict[str, str]:
    return {"issuer": row.issuer, "client_id": row.client_id} if row else {}


def _form(row: IdentityProvider | None, typed: dict[str, str], errors: dict[str, str] | None = None) -> str:
    clinic_id = current_user().clinic_id
    return render_template(
        "clinic/provider.html",
        provider=row,
        typed=typed,
        back=address_of(BACK, clinic_id),
        door=address_of(DOOR, clinic_id),
        errors=errors or {},
        section="Clinic",
    )
