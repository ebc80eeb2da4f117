"""What a browser carries for us is signed: here stands by what. HMAC-SHA-256, where the libraries would take SHA-1."""

import hashlib

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import Signer


class FormCookie(SecureCookieSessionInterface):
    """Flask's own cookie."""

    digest_method = staticmethod(hashlib.sha256)


def init_app(app: Flask) -> None:
    """Sign with SHA-256 from now on: the form cookie, the form token, kept forms, the secret of a new app.

    The library's default counts for the whole process: Flask-WTF offers no choice of its own for its tokens.
    """
    Signer.default_digest_method = staticmethod(hashlib.sha256)
    app.session_interface = FormCookie()
