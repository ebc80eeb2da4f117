"""A browser for tests: it sends the form token with whatever changes anything, as our own pages do."""

import re
import secrets
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

SAFE = {"GET", "HEAD", "OPTIONS"}


def without_form_token(page: str) -> str:
    """The page but for its form token, which changes with every second."""
    return re.sub(r'(name="csrf_token" value=")[^"]*', r"\1", page)


class Browser(FlaskClient):
    """Sends the token in a header, where forms and scripts alike may put it; ``forged=True`` leaves it out."""

    _form_token: str | None = None

    def open(self, *args: Any, forged: bool = False, **kwargs: Any) -> TestResponse:
        """Send a request."""
        if kwargs.get("method", "GET") not in SAFE and not forged:
            kwargs["headers"] = {"X-CSRFToken": self._token()} | dict(kwargs.get("headers") or {})
        return super().open(*args, **kwargs)

    def _token(self) -> str:
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", secrets.token_hex(20))
        return URLSafeTimedSerializer(self.application.secret_key or "", salt="wtf-csrf-token").dumps(raw)
