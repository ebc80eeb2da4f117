"""One's own second factor: an authenticator app, and recovery codes for the day when it is lost."""

import segno
from flask import current_app, g, make_response, redirect, render_template, request, session, url_for
from itsdangerous import BadData, URLSafeTimedSerializer
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import CodeError, TooManyError
from app.models import User
from app.pages import device
from app.pages.forms import nest, text
from app.pages.onward import local
from app.security import identity, session_token, set_session_cookie, welcome
from app.services import own_factors, second_factor
from app.services.accounts import SignedIn

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]

LONGEST_SECONDS = 15 * 60
PICTURE = "For an authenticator app"
LATE = "This page was open for too long. Scan the new picture and enter its code."


def enrol_totp() -> Answer:
    """Set up an authenticator app: a picture to scan, and a code that proves it was scanned."""
    who = identity()
    if not who.is_whole and second_factor.methods_of(who.user):
        return redirect(url_for("pages.second_factor"), 303)
    if request.method == "GET":
        return _page(who.user, second_factor.new_secret(), request.args.get("next", ""))
    form = nest(request.form)
    address, secret = text(form, "next"), _opened(text(form, "secret"), who.user)
    if secret is None:
        return _page(who.user, second_factor.new_secret(), address, {"code": LATE}), 422
    try:
        signed_in = own_factors.add_app(session_token(), secret, text(form, "code").strip(" "), at=now())
    except CodeError as error:
        return _page(who.user, secret, address, {"code": str(error)}), 422
    except TooManyError as error:
        return _page(who.user, secret, address, {"code": str(error)}), 429, {"Retry-After": str(error.seconds)}
    return _codes(signed_in, address, is_first=not who.is_whole)


def remove_totp() -> Response:
    """Do without the app."""
    signed_in = own_factors.remove_app(session_token(), at=now())
    answer = redirect(url_for("pages.account"), 303)
    set_session_cookie(answer, signed_in.token)
    return answer


def recovery_codes() -> Answer:
    """What recovery codes are for, and new ones."""
    user = identity().user
    if request.method == "GET":
        return render_template("sign_in/recovery.html", has_factor=bool(second_factor.methods_of(user)))
    return _codes(own_factors.renew_codes(session_token(), at=now()), "")


def _codes(signed_in: SignedIn, address: str, *, is_first: bool = False) -> Response:
    if is_first:
        session.clear()
        g.pop("csrf_token", None)
    welcome(signed_in.user)
    codes = signed_in.codes
    answer = make_response(render_template("sign_in/codes.html", codes=codes, next=local(address), is_first=is_first))
    set_session_cookie(answer, signed_in.token)
    device.remember(answer, signed_in.user)
    return answer


def _page(user: User, secret: str, onward: str, errors: dict[str, str] | None = None) -> str:
    who = identity()
    return render_template(
        "sign_in/enrol.html",
        picture=_picture(user, secret),
        secret=second_factor.in_fours(secret),
        sealed=_serializer().dumps([user.id, secret]),
        next=onward,
        errors=errors or {},
        is_whole=who.is_whole,
        has_app=user.totp_confirmed_at is not None,
        can_remove=who.is_whole and _can_do_without(user),
    )


def _picture(user: User, secret: str) -> Markup:
    code = segno.make_qr(second_factor.address_for_app(user, secret))
    drawn = code.svg_inline(omitsize=True, light="#fff", title=PICTURE, svgclass="qr", lineclass=None)
    return Markup(drawn)  # noqa: S704 - squares; what they say is not in it as text


def _can_do_without(user: User) -> bool:
    others = second_factor.methods_of(user) - {second_factor.Method.TOTP, second_factor.Method.RECOVERY}
    return user.totp_confirmed_at is not None and (bool(others) or not user.clinic.requires_second_factor)


def _opened(sealed: str, user: User) -> str | None:
    """The secret that this page showed to this person a short while ago. Nobody plants one of their own."""
    try:
        user_id, secret = _serializer().loads(sealed, max_age=LONGEST_SECONDS)
    except (BadData, ValueError):
        return None
    return str(secret) if user_id == user.id else None


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SIGNING_KEYS"], salt="holdwell-new-app")
