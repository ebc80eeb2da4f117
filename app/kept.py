"""What was typed into a page whose sign-in has ended: sealed, carried through the sign-in, sent again by hand."""

import json
from dataclasses import dataclass

from flask import current_app, request, url_for
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import HTTPException

from app.policy import CARRY_ON, SIGN_IN, SIGN_OUT

LARGEST = 512 * 1024
LONGEST_SECONDS = 12 * 60 * 60
NEVER = {"csrf_token", "password", "current", "new", "again", "code", "secret", "credential"}
"""Fields that are not carried: the first is made anew, the others are nobody's to keep."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A form as it was sent, and whose it was."""

    user_id: str
    address: str
    fields: tuple[tuple[str, str], ...]


def from_request(user_id: str) -> Kept | None:
    """The form of this request; None where it is none of our pages' forms, or can't be read."""
    endpoint = str(request.endpoint)
    if request.method != "POST" or not endpoint.startswith("pages.") or endpoint in {SIGN_IN, SIGN_OUT, CARRY_ON}:
        return None
    try:
        fields = tuple((name, value) for name, value in request.form.items(multi=True) if name not in NEVER)
    except HTTPException:  # more than the service takes
        return None
    if len(json.dumps(fields)) > LARGEST:
        return None
    return Kept(user_id, url_for(endpoint, **(request.view_args or {})), fields)


def sealed(kept: Kept) -> str:
    """One line for a hidden field. Signed: nobody can put words into another's form, or another's name under it."""
    return str(_serializer().dumps([kept.user_id, kept.address, kept.fields]))


def opened(text: str) -> Kept | None:
    """What was sealed; None for anything else, and for what is older than any sign-in."""
    try:
        user_id, address, fields = _serializer().loads(text, max_age=LONGEST_SECONDS)
    except BadData:
        return None
    return Kept(user_id, address, tuple((name, value) for name, value in fields))


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SIGNING_KEYS"], salt="holdwell-kept-form")
