"""Prove again who one is, before bulk exports, people and security settings; and change what one proves it with."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import CodeError, ConflictError, InvalidError, ProofNeededError, TooManyError
from app.models import User
from app.pages import device
from app.pages.forms import nest, text
from app.pages.onward import onward
from app.pages.words import count
from app.security import identity, session_token, set_session_cookie
from app.services import accounts, api_tokens, own_account, second_factor
from app.services.accounts import SignedIn

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]

THANKS = "Thank you."
NO_CURRENT = {"current": "Enter the password that you have now."}


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
    """A new password for oneself; for an administrator who comes in by the clinic's provider, a first one."""
    user = identity().user
    may_choose = own_account.may_choose_password(user)
    if may_choose:
        _refuse_stale()
    if request.method == "GET":
        return _password_page(user)
    try:
        signed_in = _changed(user)
    except ConflictError:
        return _password_page(user), 409
    except InvalidError as error:
        return _password_page(user, {name: messages[0] for name, messages in error.errors.items()}), 422
    except TooManyError as error:
        page = _password_page(user, {"current": str(error)})
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


def _refuse_stale() -> None:
    """The old password is a proof of who it is; whoever has none needs another."""
    if not identity().is_fresh(now()):
        raise ProofNeededError


def _changed(user: User) -> SignedIn:
    current, new, again = (request.form.get(name, "") for name in ("current", "new", "again"))
    is_first = user.password_hash is None
    errors = ({} if current or is_first else NO_CURRENT) | _missing(new, again)
    if errors:
        raise InvalidError({name: [sentence] for name, sentence in errors.items()})
    if is_first:
        return own_account.choose_password(session_token(), new=new, at=now())
    return accounts.change_password(session_token(), current=current, new=new, at=now())


def _password_page(user: User, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "sign_in/password.html",
        errors=errors or {},
        has_password=user.password_hash is not None,
        may_choose=own_account.may_choose_password(user),
    )


def _missing(new: str, again: str) -> dict[str, str]:
    if not new:
        return {"new": "Enter a new password."}
    return {} if new == again else {"again": "The two new passwords are not the same."}
