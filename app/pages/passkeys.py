"""Passkeys: added to an account, removed from it, used in place of a code or a password. A script asks the browser."""

from collections.abc import Mapping

from flask import current_app, flash, g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import ConflictError, HoldwellError, InvalidError, PasskeyError, TooManyError
from app.pages import device, proof, sign_in
from app.pages.forms import nest, text
from app.pages.onward import onward
from app.security import identity, session_token, set_session_cookie, welcome
from app.services import passkeys, second_factor
from app.services.accounts import SignedIn
from app.services.passkeys import Site

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


def add() -> Answer:
    """The form, and a new passkey from it; with the first second factor, recovery codes."""
    who = identity()
    if request.method == "GET":
        is_too_early = not who.is_whole and second_factor.methods_of(who.user)
        return redirect(url_for("pages.second_factor"), 303) if is_too_early else _form("")
    form = nest(request.form)
    name, credential = text(form, "name"), _credential(form)
    try:
        signed_in = passkeys.add(session_token(), name=name, credential=credential, site=_site(), at=now())
    except InvalidError as error:
        return _form(name, {"name": error.errors["name"][0]}), 422
    except (PasskeyError, ConflictError) as error:
        return _form(name, {"name": str(error)}), 422
    if not who.is_whole:
        _begin_anew()
    answer = _added(signed_in)
    set_session_cookie(answer, signed_in.token)
    device.remember(answer, signed_in.user)
    return answer


def _added(signed_in: SignedIn) -> Response:
    if not signed_in.codes:
        flash("The passkey is added. Everywhere else you are signed out.", "success")
        return redirect(url_for("pages.account"), 303)
    welcome(signed_in.user)
    return make_response(render_template("sign_in/codes.html", codes=signed_in.codes, next=None, is_first=False))


def options_to_add() -> Response:
    """What the browser is asked to make, as JSON."""
    return _json(passkeys.options_to_add(session_token(), site=_site(), at=now()))


def remove(passkey_id: str) -> Response:
    """Forget a passkey."""
    signed_in = passkeys.remove(session_token(), passkey_id, at=now())
    flash("The passkey is removed. Everywhere else you are signed out.", "success")
    answer = redirect(url_for("pages.account"), 303)
    set_session_cookie(answer, signed_in.token)
    return answer


def options_to_prove() -> Response:
    """What the browser is asked to have signed, as JSON."""
    return _json(passkeys.options_to_prove(session_token(), site=_site(), at=now()))


def second_step() -> Answer:
    """The second step of a sign-in, with a passkey."""
    if identity().is_whole:
        return sign_in.home()
    form = nest(request.form)
    address, sealed = text(form, "next"), text(form, "kept")
    try:
        signed_in = passkeys.prove(session_token(), credential=_credential(form), site=_site(), at=now())
    except (PasskeyError, TooManyError) as error:
        methods = second_factor.methods_of(identity().user)
        return sign_in.step(methods, address, sealed, {"passkey": str(error)}), *_refused(error)
    _begin_anew()
    return onward(signed_in, address, sealed, why=sign_in.AGAIN)


def prove() -> Answer:
    """Prove again who one is, with a passkey."""
    form = nest(request.form)
    address, sealed = text(form, "next"), text(form, "kept")
    try:
        signed_in = passkeys.prove(session_token(), credential=_credential(form), site=_site(), at=now())
    except (PasskeyError, TooManyError) as error:
        return proof.prove_page(address, sealed, {"passkey": str(error)}), *_refused(error)
    return onward(signed_in, address, sealed, why=proof.THANKS)


def _begin_anew() -> None:
    """A form token from before the sign-in is worth nothing after it."""
    session.clear()
    g.pop("csrf_token", None)


def _site() -> Site:
    return passkeys.site_of(current_app.config["BASE_URL"])


def _credential(form: Mapping[str, object]) -> Mapping[str, object]:
    """What the script put into the form; nothing for anything else, which the service refuses."""
    try:
        found = current_app.json.loads(text(form, "credential"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _refused(error: HoldwellError) -> tuple[int, dict[str, str]]:
    return (429, {"Retry-After": str(error.seconds)}) if isinstance(error, TooManyError) else (422, {})


def _json(text: str) -> Response:
    return current_app.response_class(text, mimetype="application/json")


def _form(name: str, errors: dict[str, str] | None = None) -> str:
    is_whole = identity().is_whole
    return render_template("account/passkey.html", name=name, errors=errors or {}, is_whole=is_whole)
