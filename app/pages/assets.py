"""Addresses of static files, with a hash of the content: a browser may keep each for ever."""

import hashlib
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from flask import current_app, request, url_for
from werkzeug.wrappers import Response

HASH_LENGTH = 12
FOR_EVER = "public, max-age=31536000, immutable"


def asset(name: str) -> str:
    """The address of a file below ``app/static``."""
    return url_for("static", filename=name, v=_hash(str(current_app.static_folder), name))


@lru_cache(maxsize=32)
def _hash(folder: str, name: str) -> str:
    return hashlib.sha256((Path(folder) / name).read_bytes()).hexdigest()[:HASH_LENGTH]


def keep_for_ever(response: Response) -> Response:
    """After a request: a static file whose address carries its hash never changes."""
    if request.endpoint == "static" and request.args.get("v") and response.status_code == HTTPStatus.OK:
        response.headers["Cache-Control"] = FOR_EVER
    return response
