"""Searches, as the forms of the pages send them."""

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def look(browser: FlaskClient, path: str, **typed: str) -> TestResponse:
    """What is found, or the form with what is wrong."""
    return browser.post(path, data=typed, follow_redirects=True)


def address_of(browser: FlaskClient, path: str, **typed: str) -> str:
    """Where the search leads on to."""
    return browser.post(path, data=typed).location or ""
