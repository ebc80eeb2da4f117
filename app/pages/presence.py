"""How long the sign-in still lasts: asked by a script that warns before its end. Asking is no use of it; staying is."""

from flask import jsonify
from werkzeug.wrappers import Response

from app.clock import now
from app.security import current_session
from app.services import sessions


def state() -> Response:
    """The seconds that are left, whether no use adds to them any more, and whose sign-in it is."""
    session = current_session()
    return jsonify(
        seconds_left=sessions.seconds_left(session, at=now()),
        is_final=session.expires_at <= session.last_seen_at + sessions.IDLE,
        user=session.user_id,
    )


def stay() -> Response:
    """The same, after a use of the sign-in: this call."""
    return state()
