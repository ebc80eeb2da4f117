"""Where somebody goes after proving who they are: to the page they asked for, or on with what they were typing."""

from urllib.parse import urlsplit

from flask import make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app import kept
from app.models import User
from app.pages import device
from app.security import set_session_cookie, welcome
from app.services.accounts import SignedIn


def onward(signed_in: SignedIn, address: str, sealed: str, *, why: str) -> Response:
    """The answer to a proof that was good, with the token that counts from now on."""
    answer = _answer(signed_in.user, address, kept.opened(sealed), why)
    set_session_cookie(answer, signed_in.token)
    device.remember(answer, signed_in.user)
    return answer


def local(address: str) -> str | None:
    """The address where it is a page of ours, else None: nobody is sent elsewhere by a link."""
    try:
        parts = urlsplit(address)
    except ValueError:  # a half bracket, say
        return None
    is_ours = address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    return address if is_ours and not parts.scheme and not parts.netloc else None


def _answer(user: User, address: str, form: kept.Kept | None, why: str) -> Response:
    if form is None:
        return redirect(local(address) or url_for("pages.home"), 303)
    if form.user_id != user.id:  # another's form is dropped
        return redirect(url_for("pages.home"), 303)
    welcome(user)
    return make_response(render_template("sign_in/continue.html", why=why, address=form.address, fields=form.fields))
