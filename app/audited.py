"""No success without its event: what the policy declares for a route is demanded of each of its answers.

And the other side: whoever is signed in and asks for what is not theirs leaves an event too.
"""

import hashlib
import logging
from http import HTTPStatus

from flask import Flask, g, request, request_started
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from app import logs, problems
from app.clock import now
from app.database import unit_of_work
from app.errors import ForgedRequestError, NotAllowedError, NotFoundError, NotInCareError
from app.keyring import KeyringError
from app.models import Action, User
from app.policy import Rule, rule_for
from app.scope import SIGN_IN
from app.security import visitor
from app.services import audit, throttle
from app.services.owned import is_id

_log = logging.getLogger(__name__)


class UnrecordedError(Exception):
    """A fault of ours: something was done or shown, and the trail does not know of it."""


def init_app(app: Flask) -> None:
    """Watch every request of ``app``. After everything else: what runs after a request runs in reverse order."""
    # A signal, as it comes before anything that could record an event.
    request_started.connect(_begin, app)
    app.after_request(_settle)


def _begin(_app: Flask) -> None:
    agent = request.headers.get("User-Agent", "")
    audit.origin.set(
        audit.Origin(
            request_id=logs.request_id(),
            ip=request.remote_addr,
            agent_sha256=hashlib.sha256(agent.encode("utf-8", "surrogatepass")).hexdigest() if agent else None,
        )
    )


def _settle(response: Response) -> Response:
    if request.endpoint is None:
        return response
    rule = rule_for(request.endpoint, request.method)
    refusal: Exception | None = g.get("refusal")
    if refusal is None and is_success(response) and _is_unrecorded(rule):
        # In place of the answer that nobody may get.
        return problems.answer(UnrecordedError(f"{request.method} {request.endpoint} left no event"))
    if refusal is not None and _is_overreach(refusal, rule):
        _record_refusal(refusal, response.status_code)
    _tell_attack(refusal, response.status_code)
    return response


def _tell_attack(refusal: Exception | None, status: int) -> None:
    """A forged request, or one too many: a line in the log for each, and an event now and then where it names somebody.

    What is too often leaves its event where it is counted, as the count knows whom it is about.
    """
    is_forged = isinstance(refusal, ForgedRequestError)
    if not is_forged and status != HTTPStatus.TOO_MANY_REQUESTS:
        return
    network = throttle.network(request.remote_addr)
    facts = {"request": logs.request_id(), "endpoint": request.endpoint, "network": network}
    _log.warning("forged" if is_forged else "too many", extra={"facts": facts})
    user = visitor() if is_forged else None
    if refusal is not None and user is not None and _is_first_forged(user):
        _record_refusal(refusal, status)


def _is_first_forged(user: User) -> bool:
    try:
        with unit_of_work(SIGN_IN) as session:
            return throttle.is_news(session, f"forged-{user.id}", at=now())
    except SQLAlchemyError:
        _log.exception("A forged request could not be counted")
        return False


def _is_unrecorded(rule: Rule) -> bool:
    return rule.event is not None and {rule.event, *rule.instead}.isdisjoint(audit.recorded_actions())


def _is_overreach(refusal: Exception, rule: Rule) -> bool:
    """Whether somebody asked for what is not theirs; a page of the catalogue that is not there is nobody's."""
    return isinstance(refusal, NotAllowedError) or (isinstance(refusal, NotFoundError) and rule.event is not None)


def is_success(response: Response) -> bool:
    """Whether the answer gave what was asked for, or did it and leads on."""
    has_led_on = request.method == "POST" and response.status_code == HTTPStatus.SEE_OTHER
    return has_led_on or HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES


def _record_refusal(refusal: Exception, status: int) -> None:
    user = visitor()
    if user is None:
        return
    # An id of another clinic looks like one that is nobody's: both are noted as they were asked for.
    asked = next((one for one in (request.view_args or {}).values() if isinstance(one, str) and is_id(one)), None)
    try:
        with unit_of_work(user.clinic_id) as session:
            audit.record(
                session,
                Action.ACCESS_REFUSED,
                by=user,
                at=now(),
                object_id=asked,
                patient_id=refusal.patient_id if isinstance(refusal, NotInCareError) else None,
                outcome=audit.REFUSED,
                detail=f"{status} {request.endpoint}",
            )
    except (SQLAlchemyError, KeyringError):
        _log.exception("A refused access could not be recorded")
