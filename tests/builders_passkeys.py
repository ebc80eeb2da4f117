"""Sign-ins and passkeys, step by step as a browser takes them, at a clinic's own address."""

import json

from app.clock import now
from app.database import unit_of_work
from app.services import passkeys, sessions
from app.services.passkeys import Site
from tests.authenticator import Authenticator

SITE = Site(rp_id="clinic.example", origin="https://clinic.example")


def a_session(user, *, is_whole=True):
    """A sign-in of ``user``; its token."""
    with unit_of_work(user.clinic_id) as session:
        row, token = sessions.opened(session, user, browser="Firefox on Linux", at=now())
        return sessions.completed(session, row, user, detail="totp", at=now()) if is_whole else token


def works(token):
    return sessions.identify(token, at=now()) is not None


def a_key():
    return Authenticator(SITE.origin, SITE.rp_id)


def options_to_add(token):
    return json.loads(passkeys.options_to_add(token, site=SITE, at=now()))


def options_to_prove(token, at=None):
    return json.loads(passkeys.options_to_prove(token, site=SITE, at=at or now()))


def keep(token, credential, *, name="Blue key"):
    return passkeys.add(token, name=name, credential=credential, site=SITE, at=now())


def enrol(token, key=None, *, name="Blue key", **changes):
    """Adds a key; the token that counts from now, and the key."""
    key = key or a_key()
    return keep(token, key.made(options_to_add(token), **changes), name=name).token, key


def check(token, credential, *, at=None):
    return passkeys.prove(token, credential=credential, site=SITE, at=at or now()).token


def prove(token, key, **changes):
    """Signs with the key; the token that counts from now."""
    return check(token, key.signed(options_to_prove(token), **changes))
