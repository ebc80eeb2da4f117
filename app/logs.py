"""What the service says about its own running: one line of JSON for each event, on standard error.

A line names the endpoint, never the address, whose query may hold a name; the kind and the place of a fault, never its
words, which may quote what somebody typed. What libraries say is left unfilled for the same reason.
"""

import errno
import json
import logging
import re
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from flask import Flask, Response, g, has_request_context, request

OURS = ("app.", "prescriptions.")
LIBRARIES = ("gunicorn.error", "py.warnings")
"""Loggers that keep to themselves unless they are told otherwise."""
MOST_FRAMES = 40

_requests = logging.getLogger("app.requests")
_faults = logging.getLogger("app.faults")
_WORDY = re.compile(r"(: |\?).*", re.DOTALL)


class Lines(logging.Formatter):
    """Writes a record as one line. Whatever could end the line or steer a terminal is escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        is_ours = record.name.startswith(OURS)
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "by": record.name,
            "event": record.getMessage() if is_ours else _unfilled(record),
        }
        line |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[1] is not None:
            line["fault"] = list(fault(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=True).replace("\x7f", "\\u007f")


def _unfilled(record: logging.LogRecord) -> str:
    # A warning comes as "%s" and begins with its place, up to the first colon and blank.
    return _WORDY.sub("", record.getMessage() if record.msg == "%s" else str(record.msg))


def fault(error: BaseException) -> Iterator[str]:
    """Kind, code and places of an error and of what led to it, the last first."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield f"{type(one).__module__}.{type(one).__qualname__}{_code(one)}"
        for frame in reversed(traceback.extract_tb(one.__traceback__)[-MOST_FRAMES:]):
            path = Path(frame.filename)
            yield f"  {path.parent.name}/{path.name}:{frame.lineno} {frame.name}"
        one = one.__cause__ or one.__context__


def _code(error: BaseException) -> str:
    """The code of the system or the database: a word of theirs, such as SQLITE_FULL, and no message."""
    if isinstance(error, OSError) and error.errno is not None:
        return f" {errno.errorcode.get(error.errno, error.errno)}"
    code = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None)
    return f" {code}" if code else ""


def init_app(app: Flask) -> None:
    """Write a line for each request of ``app``."""

    @app.before_request
    def begin() -> None:
        g.begun = time.monotonic()

    @app.after_request
    def tell(response: Response) -> Response:
        facts = {"method": _method(), "endpoint": request.endpoint, "status": response.status_code}
        took = round((time.monotonic() - g.get("begun", time.monotonic())) * 1000)
        _requests.info("request", extra={"facts": {"request": request_id(), **facts, "ms": took}})
        return response


def request_id() -> str | None:
    """The number of this request, made by us: in the log, in the audit trail and on the page of an error."""
    if not has_request_context():
        return None
    if "request_id" not in g:
        g.request_id = str(uuid.uuid4())
    found: str = g.request_id
    return found


def _method() -> str:
    return request.method if request.method.isalpha() and len(request.method) < len("PROPFINDER") else "?"


def install(stream: TextIO | None = None) -> None:
    """Write all that this process logs as lines, and nothing else: no addresses, no words of an error that ends it."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.captureWarnings(capture=True)
    for name in LIBRARIES:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    # It would write whole addresses. Ours has a line for each request.
    logging.getLogger("gunicorn.access").disabled = True
    sys.excepthook = lambda _kind, error, _trace: _end(error)
    threading.excepthook = lambda ended: _end(ended.exc_value)


def _end(error: BaseException | None) -> None:
    if error is not None:
        _faults.critical("ended", exc_info=error)
