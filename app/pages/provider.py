"""The clinic's identity provider: where its administrator sets it, and the way in by it.

Strangers get one page and one sentence, whichever clinic they name: a clinic's address tells nobody that it exists.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import current_app, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app.browsers import browser_of
from app.clock import now
from app.errors import InvalidError, ProviderSignInError
from app.models import IdentityProvider
from app.pages.forms import nest, text
from app.pages.onward import local, onward
from app.pages.sign_in import begin_anew, to_the_second_step
from app.security import current_user
from app.services import providers
from app.services.oidc import Attempt
from app.services.owned import is_id

Answer = str | Response | tuple[str, int]

KEPT = "provider_sign_in"
"""Where the form cookie keeps what the browser has to bring back: signed, for ten minutes, for one time."""
DOOR_SECONDS = 180 * 24 * 60 * 60
SUBJECTS = ("issuer", "client_id", "secret")


def edit() -> Answer:
    """The form for the clinic's provider, and the change from it."""
    user = current_user()
    row = providers.of_clinic(by=user)
    if request.method == "GET":
        return _form(row, {"issuer": row.issuer, "client_id": row.client_id} if row else {})
    form = nest(request.form)
    typed = {name: text(form, name) for name in SUBJECTS}
    try:
        providers.change(
            issuer=typed["issuer"],
            client_id=typed["client_id"],
            client_secret=typed["secret"],
            by=user,
            at=now(),
        )
    except InvalidError as error:
        found = {name.replace("client_secret", "secret"): messages[0] for name, messages in error.errors.items()}
        return _form(row, typed, errors=found), 422
    flash("Identity provider saved. Try it in another browser before you rely on it.", "success")
    return redirect(url_for("pages.clinic"), 303)


def remove() -> Response:
    """Let nobody sign in by the provider any more."""
    providers.remove(by=current_user(), at=now())
    flash("Identity provider removed.", "success")
    return redirect(url_for("pages.clinic"), 303)


def start(clinic_id: str) -> str:
    """The door: the same for every clinic, and for none."""
    return _door(clinic_id, request.args.get("next", ""))


def leave(clinic_id: str) -> Answer:
    """To the provider. A link, not a form: our content policy lets no form lead elsewhere."""
    address = local(request.args.get("next", "")) or ""
    try:
        there, attempt = providers.begin(clinic_id, back=_back(clinic_id))
    except ProviderSignInError as error:
        return _door(clinic_id, address, str(error)), 401
    session[KEPT] = asdict(attempt) | {"clinic_id": clinic_id, "next": address, "at": now().isoformat()}
    return redirect(there, 303)


def back(clinic_id: str) -> Answer:
    """From the provider, with its answer."""
    carried = session.pop(KEPT, None)
    try:
        attempt = _attempt(carried, clinic_id)
        signed_in = providers.finish(
            clinic_id,
            attempt,
            request.args.to_dict(),
            back=_back(clinic_id),
            browser=browser_of(request.user_agent.string),
            at=now(),
        )
    except ProviderSignInError as error:
        return _door(clinic_id, "", str(error)), 401
    begin_anew()
    if signed_in.needs_second_factor:
        answer = to_the_second_step(signed_in, carried["next"], "")
    else:
        answer = onward(signed_in, carried["next"], "", why="")
    _remember_door(answer, clinic_id)
    return answer


def known_door() -> str | None:
    """The clinic whose provider somebody came in by with this browser: without a password, it is the only way."""
    kept = request.cookies.get(_door_cookie(), "")
    return kept if is_id(kept) else None


def _remember_door(answer: Response, clinic_id: str) -> None:
    answer.set_cookie(
        _door_cookie(),
        clinic_id,
        max_age=DOOR_SECONDS,
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def _door_cookie() -> str:
    # Beside the one of the session, so that it has the same prefix.
    return f"{current_app.config['IDENTITY_COOKIE_NAME']}-door"


def _attempt(carried: Any, clinic_id: str) -> Attempt:  # noqa: ANN401 - whatever the form cookie holds
    """What this browser left with, not long ago, for this clinic. Raises ProviderSignInError."""
    if not isinstance(carried, dict) or carried["clinic_id"] != clinic_id:
        raise ProviderSignInError
    if not 0 <= (now() - datetime.fromisoformat(carried["at"])).total_seconds() < providers.SECONDS_AWAY:
        raise ProviderSignInError
    return Attempt(state=carried["state"], nonce=carried["nonce"], verifier=carried["verifier"])


def address_of(endpoint: str, clinic_id: str) -> str:
    """The whole address of a page of this module. It begins with the setting, whatever Host a request names."""
    path = current_app.url_map.bind("").build(endpoint, {"clinic_id": clinic_id})
    return f"{_base_url()}{path}"


def _back(clinic_id: str) -> str:
    return address_of("pages.back_from_provider", clinic_id)


def _base_url() -> str:
    return str(current_app.config["BASE_URL"])


def _door(clinic_id: str, address: str, problem: str = "") -> str:
    return render_template(
        "sign_in/provider.html", clinic_id=clinic_id, next=local(address), errors={"go": problem} if problem else {}
    )


def _form(row: IdentityProvider | None, typed: dict[str, str], errors: dict[str, str] | None = None) -> str:
    clinic_id = current_user().clinic_id
    return render_template(
        "clinic/provider.html",
        provider=row,
        typed=typed,
        back=_back(clinic_id),
        door=address_of("pages.provider_sign_in", clinic_id),
        errors=errors or {},
        section="Clinic",
    )
