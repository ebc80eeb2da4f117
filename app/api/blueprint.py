"""The API's blueprint and the one decorator of its routes. flask-smorest, which has no types, is confined to it."""

from collections.abc import Callable, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask, request
from flask_smorest import Api, Blueprint, current_api  # type: ignore[import-untyped]  # ships no types
from marshmallow import EXCLUDE, RAISE, Schema
from werkzeug.exceptions import UnsupportedMediaType

from app.api.description import SPECIFICATION, marshmallow_plugin
from app.schemas.shared import ProblemSchema

View = TypeVar("View", bound=Callable[..., object])

JSON = "application/json"
ALWAYS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


class HoldwellApi(Api):  # type: ignore[misc]  # ships no types
    """Leaves errors to ``app.problems``, which knows pages from API."""

    def _register_error_handlers(self) -> None:
        pass


def init_app(app: Flask) -> None:
    """Register all routes, and describe them."""
    app.config.update(SPECIFICATION)
    api = HoldwellApi(app, spec_kwargs={"marshmallow_plugin": marshmallow_plugin()})
    api.register_blueprint(blueprint)


def description() -> dict[str, Any]:
    """The OpenAPI description of all routes."""
    described: dict[str, Any] = current_api.spec.to_dict()
    return described


def operation(
    rule: str,
    *,
    method: str = "GET",
    tag: str,
    query: type[Schema] | None = None,
    headers: type[Schema] | None = None,
    body: type[Schema] | None = None,
    gives: type[Schema] | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    errors: Sequence[HTTPStatus] = (),
    **described: Any,  # noqa: ANN401 - parts of an OpenAPI operation
) -> Callable[[View], View]:
    """Register a view. Its docstring is the summary; ``query``, ``headers`` and ``body`` arrive in that order."""

    def register(view: View) -> View:
        route: Any = view
        for schema, location in ((body, "json"), (headers, "headers"), (query, "query")):
            if schema is not None:
                unknown = EXCLUDE if location == "headers" else RAISE
                route = blueprint.arguments(schema, location=location, unknown=unknown)(route)
        if gives is not None:
            route = blueprint.response(status, gives)(route)
        for code in (*ALWAYS, *errors):
            route = blueprint.alt_response(code, schema=ProblemSchema, content_type="application/problem+json")(route)
        if described:
            route = blueprint.doc(**described)(route)
        if method == "POST":
            route = _json_only(route, is_read_here=body is not None)
        blueprint.route(rule, methods=[method], tags=[tag])(route)
        return view

    return register


def _json_only(view: Callable[..., object], *, is_read_here: bool) -> Callable[..., object]:
    """Refuse other bodies by their header: read as none, they would be blamed for missing fields.

    What ``is_read_here`` goes through the strict reader first; the argument parser takes doubled keys and NaN.
    """

    @wraps(view)
    def checked(*args: object, **kwargs: object) -> object:
        if request.mimetype != JSON:
            raise UnsupportedMediaType
        if is_read_here:
            request.get_json()
        return view(*args, **kwargs)

    return checked
