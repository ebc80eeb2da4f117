"""Sign in, sign out, and the way home."""

from urllib.parse import urlsplit

from flask import make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app import kept
from app.clock import now
from app.errors import SignInError
from app.models import User
from app.pages.forms import nest, text
from app.security import delete_session_cookie, session_token, set_session_cookie, visitor, welcome
from app.services import accounts

Answer = str | Response | tuple[str, int]


def home() -> Response:
    """Where the day begins."""
    return redirect(url_for("pages.patients"), 303)


def sign_in() -> Answer:
    """The form, and a session from it."""
    if request.method == "GET":
        if visitor() is not None:
            return home()
        return _page(onward=request.args.get("next", ""))
    form = nest(request.form)
    email, onward, sealed = text(form, "email").strip(), text(form, "next"), text(form, "kept")
    errors = _missing(email, text(form, "password"))
    if errors:
        return _page(email, onward, errors, sealed), 422
    try:
        signed_in = accounts.sign_in(email=email, password=request.form["password"], at=now())
    except SignInError as error:
        return _page(email, onward, {"email": str(error)}, sealed), 422
    session.clear()  # a form token that somebody planted before the sign-in is worth nothing after it
    answer = _onward(signed_in.user, onward, kept.opened(sealed))
    set_session_cookie(answer, signed_in.token)
    return answer


def _onward(user: User, address: str, form: kept.Kept | None) -> Response:
    """To the page that was asked for, or to what the same person was typing. Another's form is dropped."""
    if form is None:
        return redirect(_local(address) or url_for("pages.patients"), 303)
    if form.user_id != user.id:
        return home()
    welcome(user)
    why = "You are signed in again."
    return make_response(render_template("sign_in/continue.html", why=why, address=form.address, fields=form.fields))


def sign_out() -> Response:
    """End the session, also where it has ended already."""
    token = session_token()
    if token:
        accounts.sign_out(token, at=now())
    session.clear()
    answer = redirect(url_for("pages.sign_in"), 303)
    delete_session_cookie(answer)
    return answer


def _missing(email: str, password: str) -> dict[str, str]:
    errors = {}
    if not email:
        errors["email"] = "Enter your email address."
    if not password:
        errors["password"] = "Enter your password."  # noqa: S105 - a sentence, no password
    return errors


def _local(address: str) -> str | None:
    """The address where it is a page of ours, else None: nobody is sent elsewhere by a link."""
    parts = urlsplit(address)
    is_ours = address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    return address if is_ours and not parts.scheme and not parts.netloc else None


def _page(email: str = "", onward: str = "", errors: dict[str, str] | None = None, sealed: str = "") -> str:
    return render_template("sign_in/sign_in.html", email=email, next=onward, errors=errors or {}, kept=sealed)
