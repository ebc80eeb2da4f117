"""The description of the API, in the API."""

from typing import Any

from app.api.blueprint import description, operation


@operation("/openapi.json", tag="description", responses={"200": {"description": "OpenAPI 3.1."}})
def openapi() -> dict[str, Any]:
    """This description."""
    return description()
