"""The cookie by which a browser is known again at its next sign-in. It opens nothing: see ``app.services.devices``."""

from flask import current_app, request
from werkzeug.wrappers import Response

from app.clock import now
from app.models import User
from app.services import devices


def carried() -> str:
    """What this browser was given after earlier sign-ins."""
    return request.cookies.get(_name(), "")


def remember(answer: Response, user: User) -> None:
    """Let the browser be known for ``user``, who has just signed in whole."""
    answer.set_cookie(
        _name(),
        devices.remember(carried(), user=user, at=now()),
        max_age=int(devices.LIFE.total_seconds()),
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def _name() -> str:
    # Beside the one of the session, so that it has the same prefix.
    return f"{current_app.config['IDENTITY_COOKIE_NAME']}-device"
