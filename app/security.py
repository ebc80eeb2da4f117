"""Who is asking, may they, and was it meant: before each request."""

from typing import Any

from flask import Flask, current_app, g, request
from flask_wtf.csrf import CSRFError, CSRFProtect  # type: ignore[import-untyped]  # ships no types
from werkzeug.wrappers import Response as AnyResponse

from app.clock import now
from app.config import Config
from app.edges import API
from app.errors import (
    ForgedRequestError,
    NotAllowedError,
    NotSignedInError,
    OutOfScopeError,
    ProofNeededError,
    SecondFactorNeededError,
)
from app.models import AuthSession, User
from app.policy import Public, Rule, rule_for
from app.services import accounts, sessions, throttle
from app.services.accounts import Identity

SAFE = {"GET", "HEAD", "OPTIONS"}
OUR_OWN = {"same-origin", "none"}
"""Values of Sec-Fetch-Site: sent by a page of ours, or by the person's own hand."""

_csrf = CSRFProtect()


def settings(config: Config) -> dict[str, Any]:
    """Flask's own settings that belong to this module."""
    signing_keys = [*config.former_secret_keys, config.secret_key]  # the last one signs
    return {
        "SECRET_KEY": config.secret_key,
        "SECRET_KEY_FALLBACKS": list(config.former_secret_keys),
        "SIGNING_KEYS": signing_keys,
        "WTF_CSRF_SECRET_KEY": signing_keys,
        "BASE_URL": config.base_url,
        "TRUSTED_HOSTS": list(config.trusted_hosts),
        # Flask's signed cookie carries the form token and messages, never an identity: it can't be revoked.
        "SESSION_COOKIE_NAME": _cookie_name("holdwell-form", is_secure=config.secure_cookies),
        "SESSION_COOKIE_SECURE": config.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "IDENTITY_COOKIE_NAME": _cookie_name("holdwell", is_secure=config.secure_cookies),
        "WTF_CSRF_CHECK_DEFAULT": False,  # checked in _guard, after the policy
        "WTF_CSRF_TIME_LIMIT": None,  # a form lives as long as the sign-in; the token is bound to the form cookie
        # It would ask for a Referer, which our own Referrer-Policy withholds. Sec-Fetch-Site takes its place.
        "WTF_CSRF_SSL_STRICT": False,
    }


def init_app(app: Flask) -> None:
    """Guard every request of ``app``."""
    _csrf.init_app(app)
    app.before_request(_guard)


def identity() -> Identity:
    """Who is asking, and by what right; a sign-in may still lack its second step. Raises NotSignedInError."""
    found = _identified()
    if found is None:
        raise NotSignedInError
    return found


def current_session() -> AuthSession:
    """The session of the browser that is asking. Raises NotSignedInError, for a program with a token too."""
    session = identity().session
    if session is None:
        raise NotSignedInError
    return session


def current_user() -> User:
    """Who is asking. Raises NotSignedInError."""
    user = visitor()
    if user is None:
        raise NotSignedInError
    return user


def visitor() -> User | None:
    """Who is asking, if they are signed in with all that it takes. Looked up once for each request."""
    if "user" not in g:
        found = _identified()
        g.user = found.user if found is not None and found.is_whole else None
    user: User | None = g.user
    return user


def forget_visitor() -> None:
    """Ask no more who it is: for answers that must not touch the database again."""
    g.setdefault("identity", None)
    g.setdefault("user", None)


def welcome(user: User) -> None:
    """Take it from here on that ``user`` is asking: for the answer to a sign-in, with a form token of its own."""
    g.user = user
    g.pop("csrf_token", None)


def is_from_our_page() -> bool:
    """Whether a page of ours sent this, whatever became of the sign-in: the browser says so, or the form token does."""
    site = request.headers.get("Sec-Fetch-Site")
    return site == "same-origin" if site is not None else _has_form_token()


def session_token() -> str:
    """The token of the session cookie, or nothing."""
    return request.cookies.get(current_app.config["IDENTITY_COOKIE_NAME"], "")


def set_session_cookie(response: AnyResponse, token: str) -> None:
    """Hand out a session. No Max-Age: a browser that is closed forgets it."""
    response.set_cookie(
        current_app.config["IDENTITY_COOKIE_NAME"],
        token,
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def delete_session_cookie(response: AnyResponse) -> None:
    """Take the session back."""
    response.delete_cookie(
        current_app.config["IDENTITY_COOKIE_NAME"],
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def _cookie_name(name: str, *, is_secure: bool) -> str:
    # The prefix makes a browser refuse the cookie from anybody but this very host; it works over https only.
    return f"__Host-{name}" if is_secure else name


def _guard() -> None:
    if request.endpoint is None:
        return  # no such page: the answer is the same for everybody
    rule = rule_for(request.endpoint, request.method)
    is_public = isinstance(rule.access, Public)
    if not is_public:
        _admit(identity(), rule)
    if request.method not in SAFE and _bearer() is None:
        _refuse_forged()
    if not is_public:
        _refuse_too_much(identity(), rule)
        _note_use(identity(), rule)


def _note_use(who: Identity, rule: Rule) -> None:
    """Last of all: what another site sends in somebody's name, and is refused, must not keep their session alive."""
    if who.session is not None and not rule.is_quiet:
        sessions.note_use(who.session, at=now())


def _admit(who: Identity, rule: Rule) -> None:
    if not who.is_whole and not rule.is_early:
        raise SecondFactorNeededError
    if isinstance(rule.access, Public) or not who.user.roles & rule.access:
        raise NotAllowedError
    if who.scopes is not None and (rule.scope is None or rule.scope not in who.scopes):
        raise OutOfScopeError


def _refuse_too_much(who: Identity, rule: Rule) -> None:
    """After the form token: nobody elsewhere can use up somebody's quota, or have a form kept in their name."""
    if rule.is_fresh and who.is_whole and not who.is_fresh(now()):
        raise ProofNeededError
    if rule.limit is not None:
        throttle.per_person(who.user, rule.limit, at=now())


def _identified() -> Identity | None:
    if "identity" not in g:
        g.identity = _look_up()
    found: Identity | None = g.identity
    return found


def _look_up() -> Identity | None:
    bearer = _bearer()
    if bearer is not None:
        return accounts.identify_token(bearer, at=now())
    token = session_token()
    return accounts.identify(token, at=now()) if token else None


def _bearer() -> str | None:
    """The API token of the request. With one, cookies count for nothing, so that no other site can make use of them."""
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer" or not request.path.startswith(API):
        return None
    return authorization.token or ""


def _refuse_forged() -> None:
    if request.headers.get("Sec-Fetch-Site", "none") not in OUR_OWN or _is_of_another_site():
        raise ForgedRequestError
    if not _has_form_token():
        raise ForgedRequestError


def _is_of_another_site() -> bool:
    """What a browser says that knows no Sec-Fetch-Site. Our own forms come from "null": our pages tell no origin."""
    origin = request.headers.get("Origin", "null")
    host = origin.partition("://")[2].rpartition(":")[0] or origin.partition("://")[2]
    return origin != "null" and host not in current_app.config["TRUSTED_HOSTS"]


def _has_form_token() -> bool:
    try:
        _csrf.protect()
    except CSRFError:
        return False
    return True
