"""Prove again who one is, before bulk exports, people and security settings; and change what one proves it with."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import CodeError, InvalidError, TooManyError
from app.models import User
from app.pages import device
from app.pages.forms import nest, text
from app.pages.onward import onward
from app.pages.words import count
from app.security import identity, session_token, set_session_cookie
from app.services import accounts, api_tokens, second_factor

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]

THANKS = "Thank you."


def prove() -> Answer:
    """The form for a password, or a code for whoever has none; then back to where it was asked for."""
    if request.method == "GET":
        return prove_page(request.args.get("next", ""))
    form = nest(request.form)
    address, sealed, code = text(form, "next"), text(form, "kept"), text(form, "code").strip(" ")
    try:
        signed_in = accounts.prove(session_token(), password=request.form.get("password", ""), code=code, at=now())
    except InvalidError as error:
        return prove_page(address, sealed, {name: found[0] for name, found in error.errors.items()}), 422
    except CodeError as error:
        return prove_page(address, sealed, {"code": str(error)}), 422
    except TooManyError as error:
        return prove_page(address, sealed, {"": str(error)}), 429, {"Retry-After": str(error.seconds)}
    return onward(signed_in, address, sealed, why=THANKS)


def prove_page(onward: str, sealed: str = "", errors: dict[str, str] | None = None) -> str:
    """The form; with what was typed where it was asked for."""
    return render_template(
        "sign_in/prove.html",
        has_password=identity().user.password_hash is not None,
        methods=second_factor.methods_of(identity().user),
        next=onward,
        kept=sealed,
        errors=errors or {},
    )


def change_password() -> Answer:
    """A new password for oneself."""
    has_password = identity().user.password_hash is not None
    if request.method == "GET" or not has_password:
        return render_template("sign_in/password.html", errors={}, has_password=has_password)
    current, new, again = (request.form.get(name, "") for name in ("current", "new", "again"))
    errors = _missing(current, new, again)
    if errors:
        return render_template("sign_in/password.html", errors=errors, has_password=True), 422
    try:
        signed_in = accounts.change_password(session_token(), current=current, new=new, at=now())
    except InvalidError as error:
        found = {name: messages[0] for name, messages in error.errors.items()}
        return render_template("sign_in/password.html", errors=found, has_password=True), 422
    except TooManyError as error:
        errors = {"current": str(error)}
        page = render_template("sign_in/password.html", errors=errors, has_password=True)
        return page, 429, {"Retry-After": str(error.seconds)}
    _tell_changed(signed_in.user)
    answer = redirect(url_for("pages.account"), 303)
    set_session_cookie(answer, signed_in.token)
    device.remember(answer, signed_in.user)
    return answer


def _tell_changed(user: User) -> None:
    said = "Your password is changed. Everywhere else you are signed out."
    tokens = len(api_tokens.of_user(user, at=now()))
    if tokens:
        goes = "goes" if tokens == 1 else "go"
        flash(f"{said} {count(tokens, 'API token')} of yours {goes} on working.", "tokens")
    else:
        flash(said)


def _missing(current: str, new: str, again: str) -> dict[str, str]:
    errors = {}
    if not current:
        errors["current"] = "Enter the password that you have now."
    if not new:
        errors["new"] = "Enter a new password."
    elif new != again:
        errors["again"] = "The two new passwords are not the same."
    return errors
