"""Services are called as a page or the API would, inside an application."""

import pytest


@pytest.fixture(autouse=True)
def _inside(app_context):
    """Every test of this folder stands in an application context."""
