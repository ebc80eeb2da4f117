"""The edges of a request: what it may weigh and ask, and what every answer wears. Who is asking: ``app.security``."""

from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix

from app import logs
from app.config import Config

API = "/api/"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
UNUSED = ("camera", "display-capture", "geolocation", "hid", "microphone", "midi", "payment", "serial", "usb")
"""What a browser could offer and no page of ours asks for."""
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
}
ONE_YEAR = 31_536_000

KIB = 1024
LARGEST_JSON = 256 * KIB
LARGEST_FORM = 1024 * KIB
LARGEST_UPLOAD = 2 * 1024 * KIB
UPLOADS = frozenset({"pages.change_logo"})
"""Endpoints whose form carries a file."""


def settings() -> dict[str, Any]:
    """Flask's own settings that belong to this module."""
    return {
        "MAX_CONTENT_LENGTH": LARGEST_FORM,
        "MAX_FORM_MEMORY_SIZE": LARGEST_FORM,
        "MAX_FORM_PARTS": 2000,  # 60 items of about 10 fields, a screening, and a reason for each finding
        "PROVIDE_AUTOMATIC_OPTIONS": False,  # nobody of another origin has anything to ask
    }


def init_app(app: Flask, config: Config) -> None:
    """Weigh every request and dress every answer of ``app``. Before anybody looks at the request."""
    if config.proxies:  # else anybody could say where they come from
        seen_through = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=config.proxies, x_host=0)
        app.wsgi_app = seen_through  # type: ignore[method-assign]  # as Flask's own documentation does
    app.before_request(_read_only_the_head)
    app.before_request(_weigh)
    app.before_request(_refuse_doubled)
    app.after_request(dress)


def dress(response: Response) -> Response:
    """The answer with all that every answer wears."""
    # A view that is stricter yet, as about what was uploaded, says so itself.
    own_policy = response.headers.get("Content-Security-Policy")
    response.headers.update(HEADERS)
    if own_policy is not None:
        response.headers["Content-Security-Policy"] = own_policy
    response.headers["X-Request-ID"] = logs.request_id() or ""
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}; includeSubDomains"
    if request.endpoint != "static" or response.status_code != HTTPStatus.OK:
        # A view that holds nothing of a clinic, such as a picture of the catalogue, says so itself.
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.add("Cookie")
    return response


def _read_only_the_head() -> None:
    """A HEAD is a GET whose body is not sent: a view that does whatever is no GET must not take it for a POST."""
    if request.method == "HEAD":
        request.method = "GET"


def _weigh() -> None:
    if request.path.startswith(API):
        request.max_content_length = LARGEST_JSON
    elif request.endpoint in UPLOADS:
        request.max_content_length = LARGEST_UPLOAD


def _refuse_doubled() -> None:
    """Which of two values counts, two readers of an address may see differently."""
    if any(len(values) > 1 for _, values in request.args.lists()):
        raise BadRequest("This address asks for one thing twice.")
