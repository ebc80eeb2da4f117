"""Sign in, the second step, sign out, and the way home."""

from functools import partial

from flask import g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app import kept
from app.browsers import browser_of
from app.clock import now
from app.errors import CodeError, HoldwellError, SignInError, TooManyError
from app.models import User
from app.pages import device, later, letters
from app.pages.forms import nest, text
from app.pages.onward import local, onward
from app.pages.viewer import first_page
from app.security import delete_session_cookie, identity, session_token, set_session_cookie, visitor
from app.services import accounts, mail, second_factor
from app.services.accounts import SignedIn
from app.services.second_factor import Method

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]

AGAIN = "You are signed in again."
CLEAR = '"cache", "storage"'
"""For Clear-Site-Data. Cookies are taken back one by one: theirs would go for every service of the same domain."""


def home() -> Response:
    """Where the day begins."""
    return redirect(url_for(first_page()), 303)


def sign_in() -> Answer:
    """The form, and a session from it."""
    if request.method == "GET":
        if visitor() is not None:
            return home()
        return _page(onward=request.args.get("next", ""))
    form = nest(request.form)
    email, address, sealed = text(form, "email").strip(), text(form, "next"), text(form, "kept")
    errors = _missing(email, text(form, "password"))
    if errors:
        return _page(email, address, errors, sealed), 422
    who = {"browser": browser_of(request.user_agent.string), "device": device.carried()}
    try:
        signed_in = accounts.sign_in(email=email, password=request.form["password"], **who, at=now())
    except (SignInError, TooManyError) as error:
        return _page(email, address, {"email": str(error)}, sealed), *_refused(error)
    begin_anew()
    if not signed_in.needs_second_factor:
        return onward(signed_in, address, sealed, why=AGAIN)
    return to_the_second_step(signed_in, address, sealed)


def begin_anew() -> None:
    """End what the browser had before; a form token that somebody planted before the sign-in is worth nothing after."""
    if session_token():
        accounts.sign_out(session_token(), at=now())
    session.clear()
    g.pop("csrf_token", None)


def to_the_second_step(signed_in: SignedIn, address: str, sealed: str) -> Response:
    if kept.opened(sealed) is None:
        answer = redirect(url_for("pages.second_factor", next=local(address)), 303)
    else:  # too much for an address: it goes along in the page
        answer = make_response(step(second_factor.methods_of(signed_in.user), address, sealed))
    set_session_cookie(answer, signed_in.token)
    return answer


def second_step() -> Answer:
    """The form for a code, and the whole session from it."""
    who = identity()
    if who.is_whole:
        return home()
    methods = second_factor.methods_of(who.user)
    if not methods:
        return redirect(url_for("pages.enrol_totp", next=local(request.args.get("next", ""))), 303)
    if request.method == "GET":
        return step(methods, request.args.get("next", ""))
    form = nest(request.form)
    code, address, sealed = text(form, "code").strip(" "), text(form, "next"), text(form, "kept")
    try:
        signed_in = accounts.give_code(session_token(), code, device=device.carried(), at=now())
    except (CodeError, TooManyError) as error:
        _tell(error, who.user)
        return step(methods, address, sealed, {"code": str(error)}), *_refused(error)
    session.clear()
    g.pop("csrf_token", None)
    return onward(signed_in, address, sealed, why=AGAIN)


def carry_on() -> Answer:
    """On with what this page kept while its owner signed in elsewhere. It shows the form again, and sends nothing."""
    sealed = text(nest(request.form), "kept")
    form, user = kept.opened(sealed), visitor()
    if form is not None and user is None:
        errors = {"email": "You are not signed in yet. Sign in here, or end your sign-in in the other tab."}
        return _page(errors=errors, sealed=sealed), 401
    if form is None or user is None or form.user_id != user.id:  # another's form is dropped
        return redirect(url_for("pages.home"), 303)
    return render_template("sign_in/continue.html", why=AGAIN, address=form.address, fields=form.fields)


def sign_out() -> Response:
    """End the session, also where it has ended already."""
    token = session_token()
    if token:
        accounts.sign_out(token, at=now())
    session.clear()
    answer = redirect(url_for("pages.sign_in"), 303)
    answer.headers["Clear-Site-Data"] = CLEAR
    delete_session_cookie(answer)
    return answer


def _tell(error: HoldwellError, user: User) -> None:
    """Write to whoever's second step is being guessed, once in a while: whoever gets that far has their password."""
    if isinstance(error, TooManyError) and error.is_news:
        at = now()
        later.do(partial(mail.send, letters.second_step_guessed(user, at=at), at=at))


def _missing(email: str, password: str) -> dict[str, str]:
    errors = {}
    if not email:
        errors["email"] = "Enter your email address."
    if not password:
        errors["password"] = "Enter your password."  # noqa: S105 - a sentence, no password
    return errors


def _refused(error: HoldwellError) -> tuple[int, dict[str, str]]:
    return (429, {"Retry-After": str(error.seconds)}) if isinstance(error, TooManyError) else (422, {})


def _page(email: str = "", onward: str = "", errors: dict[str, str] | None = None, sealed: str = "") -> str:
    return render_template("sign_in/sign_in.html", email=email, next=onward, errors=errors or {}, kept=sealed)


def step(methods: frozenset[Method], onward: str = "", sealed: str = "", errors: dict[str, str] | None = None) -> str:
    """The form for a code, with the button for a passkey where there is one."""
    with_recovery = "recovery" in request.args or not methods & {Method.TOTP}
    return render_template(
        "sign_in/second_factor.html",
        methods=methods,
        next=onward,
        kept=sealed,
        errors=errors or {},
        with_recovery=with_recovery,
    )
