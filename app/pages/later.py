"""What is done after the answer, by one clerk: so that the answer takes as long whatever there is to do."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from app.errors import HoldwellError, MailError
from app.keyring import KeyringError
from app.services import audit

MOST_WAITING = 200
"""Beyond it something is wrong, and what else comes is dropped: nobody can fill the memory with it."""

_clerk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="holdwell-later")
_places = BoundedSemaphore(MOST_WAITING)
_log = logging.getLogger(__name__)


def do(act: Callable[[], None]) -> None:
    """Have ``act`` done soon, as a part of this request for the audit trail."""
    if not _places.acquire(blocking=False):
        _log.error("Too much is waiting to be done after its answer; one act was dropped")
        return
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way to hand the application to another thread
    origin = audit.origin.get()

    def done() -> None:
        audit.origin.set(origin)
        try:
            with app.app_context():
                act()
        except MailError:
            pass  # the log says it already, without the address
        except (HoldwellError, SQLAlchemyError, KeyringError):
            _log.exception("What was left for after the answer failed")
        finally:
            _places.release()

    _clerk.submit(done)


def wait() -> None:
    """Until all that was left so far is done."""
    _clerk.submit(lambda: None).result()
