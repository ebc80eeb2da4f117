"""The way in by a clinic's identity provider, and how one's own account is connected with the one there.

Strangers get one page and one sentence, whichever clinic they name: a clinic's address tells nobody that it exists.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any

from flask import current_app, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app.browsers import browser_of
from app.clock import now
from app.errors import HoldwellError, ProviderSignInError, TooManyError
from app.pages import later, letters
from app.pages.links import gone_where_it_does_not_work
from app.pages.onward import local, onward
from app.pages.sign_in import begin_anew, to_the_second_step
from app.security import current_user, session_token, set_session_cookie, visitor
from app.services import invitations, mail, provider_sign_in
from app.services.accounts import SignedIn
from app.services.oidc import Attempt
from app.services.owned import is_id
from app.services.provider_sign_in import SECONDS_AWAY, Found

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]

KEPT, FOUND = "provider_sign_in", "provider_account"
"""Where the form cookie keeps what the browser has to bring back, and then whom it was; signed, for ten minutes."""
DOOR, BACK = "pages.provider_sign_in", "pages.back_from_provider"
DOOR_SECONDS = 180 * 24 * 60 * 60


def start(clinic_id: str) -> str:
    """The door: the same for every clinic, and for none."""
    return _door(clinic_id, request.args.get("next", ""))


def leave(clinic_id: str) -> Answer:
    """To the provider. A link, not a form: our content policy lets no form lead elsewhere."""
    address = local(request.args.get("next", "")) or ""
    try:
        return _leave(clinic_id, next=address)
    except (ProviderSignInError, TooManyError) as error:
        return _closed(clinic_id, address, error)


def back(clinic_id: str) -> Answer:
    """From the provider, with its answer: signed in, or asked whether that is the account to connect."""
    carried = session.pop(KEPT, None)
    at = now()
    try:
        attempt = _attempt(carried, clinic_id)
        found = provider_sign_in.find(
            clinic_id, attempt, request.args.to_dict(), back=address_of(BACK, clinic_id), at=at
        )
        if "next" not in carried:
            return _ask(carried, found, clinic_id)
        signed_in = provider_sign_in.sign_in(clinic_id, found, browser=_browser(), at=at)
    except (ProviderSignInError, TooManyError) as error:
        return _closed(clinic_id, "", error)
    return _come_in(signed_in, carried["next"], clinic_id)


def connect() -> Answer:
    """To the provider, to connect one's own account with the one there; and the connection, once it is found."""
    user, at = current_user(), now()
    if request.method == "GET":
        try:
            return _leave(user.clinic_id, user_id=user.id)
        except ProviderSignInError as error:
            return _to_account(str(error), "problem")
    signed_in = provider_sign_in.connect(session_token(), _found(user_id=user.id), at=at)
    later.do(partial(mail.send, letters.provider_connected(signed_in.user, at=at), at=at))
    answer = _to_account("Your account is connected. Everywhere else you are signed out.", "success")
    set_session_cookie(answer, signed_in.token)
    _remember_door(answer, user.clinic_id)
    return answer


def disconnect() -> Response:
    """Come in with the password only."""
    signed_in = provider_sign_in.disconnect(session_token(), at=now())
    answer = _to_account("Your account is disconnected. Everywhere else you are signed out.", "success")
    set_session_cookie(answer, signed_in.token)
    return answer


@gone_where_it_does_not_work
def join(token: str) -> Answer:
    """To the provider with the link of an invitation, and the account from both."""
    user = invitations.invited(token, at=now())
    try:
        if request.method == "GET":
            return _leave(user.clinic_id, invitation=token)
        signed_in = provider_sign_in.join(token, _found(invitation=token), browser=_browser(), at=now())
    except (ProviderSignInError, TooManyError) as error:
        return _closed(user.clinic_id, "", error)
    return _come_in(signed_in, "", user.clinic_id)


def known_door() -> str | None:
    """The clinic whose provider somebody came in by with this browser: without a password, it is the only way."""
    kept = request.cookies.get(_door_cookie(), "")
    return kept if is_id(kept) else None


def address_of(endpoint: str, clinic_id: str) -> str:
    """The whole address of a page of this module. It begins with the setting, whatever Host a request names."""
    path = current_app.url_map.bind("").build(endpoint, {"clinic_id": clinic_id})
    return f"{current_app.config['BASE_URL']}{path}"


def _leave(clinic_id: str, **purpose: str) -> Response:
    """Off to the provider. ``purpose`` says what for: signing in, or whose account is to be connected."""
    there, attempt = provider_sign_in.begin(clinic_id, back=address_of(BACK, clinic_id), at=now())
    session.pop(FOUND, None)
    session[KEPT] = asdict(attempt) | {"clinic_id": clinic_id, "at": now().isoformat()} | purpose
    return redirect(there, 303)


def _attempt(carried: Any, clinic_id: str) -> Attempt:  # noqa: ANN401 - whatever the form cookie holds
    """What this browser left with, not long ago, for this clinic. Raises ProviderSignInError."""
    if not isinstance(carried, dict) or carried["clinic_id"] != clinic_id or not _is_recent(carried["at"]):
        raise ProviderSignInError
    return Attempt(state=carried["state"], nonce=carried["nonce"], verifier=carried["verifier"])


def _is_recent(at: str) -> bool:
    return 0 <= (now() - datetime.fromisoformat(at)).total_seconds() < SECONDS_AWAY


def _ask(carried: Mapping[str, str], found: Found, clinic_id: str) -> str:
    """Whether that is the account: at some providers the sign-in of whoever sat here before goes on unasked."""
    purpose = {name: carried[name] for name in ("user_id", "invitation") if name in carried}
    token = purpose.get("invitation")
    user = invitations.invited(token, at=now()) if token else visitor()
    if user is None or user.id != purpose.get("user_id", user.id):  # signed out meanwhile, or somebody else by now
        raise ProviderSignInError
    session[FOUND] = asdict(found) | {"at": now().isoformat()} | purpose
    return render_template("sign_in/connect.html", user=user, found=found, invitation=token, clinic_id=clinic_id)


def _found(**purpose: str) -> Found:
    """Whom this browser has found at the provider, not long ago, for this purpose. Raises ProviderSignInError."""
    kept = session.pop(FOUND, None)
    if not isinstance(kept, dict) or not _is_recent(kept["at"]) or not purpose.items() <= kept.items():
        raise ProviderSignInError
    return Found(**{name: kept[name] for name in Found.__dataclass_fields__})


def _come_in(signed_in: SignedIn, address: str, clinic_id: str) -> Response:
    begin_anew()
    if signed_in.needs_second_factor:
        answer = to_the_second_step(signed_in, address, "")
    else:
        answer = onward(signed_in, address, "", why="")
    _remember_door(answer, clinic_id)
    return answer


def _to_account(said: str, kind: str) -> Response:
    flash(said, kind)
    return redirect(url_for("pages.account"), 303)


def _browser() -> str:
    return browser_of(request.user_agent.string)


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


def _door(clinic_id: str, address: str, problem: str = "") -> str:
    return render_template(
        "sign_in/provider.html", clinic_id=clinic_id, next=local(address), errors={"go": problem} if problem else {}
    )


def _closed(clinic_id: str, address: str, error: HoldwellError) -> Answer:
    page = _door(clinic_id, address, str(error))
    if isinstance(error, TooManyError):
        return page, 429, {"Retry-After": str(error.seconds)}
    return page, 401
