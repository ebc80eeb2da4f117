"""The API is called with tokens, as programs call it."""

import pytest

from tests.builders import an_api_token


class Caller:
    """Somebody's program: it sends their token and speaks JSON."""

    def __init__(self, app, user):
        with app.app_context():
            token = an_api_token(user)
        self._client, self._headers = app.test_client(), {"Authorization": f"Bearer {token}"}

    def get(self, path, **kwargs):
        return self._call("GET", path, **kwargs)

    def post(self, path, **kwargs):
        return self._call("POST", path, **kwargs)

    def _call(self, method, path, headers=None, **kwargs):
        headers = self._headers | (headers or {})
        return self._client.open(f"/api/v1{path}", method=method, headers=headers, forged=True, **kwargs)


@pytest.fixture
def therapist(app, alma):
    """A program that acts as Alma."""
    return Caller(app, alma)


@pytest.fixture
def staff(app, sten):
    """A program that acts as Sten."""
    return Caller(app, sten)


@pytest.fixture
def stranger(app, boris):
    """A program that acts as Boris, of another clinic."""
    return Caller(app, boris)
