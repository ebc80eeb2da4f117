"""From errors to answers: one table, a page outside /api/ and problem details (RFC 9457) inside. Nothing leaks."""

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as AnyResponse

from app import edges, errors, kept, logs
from app.edges import API
from app.models.sealed import UnsealableError
from app.policy import CARRY_ON, POLICY, PROOF, SECOND_STEP, SIGN_IN
from app.security import SAFE, current_user, forget_visitor, is_from_our_page, session_token, visitor
from app.services import accounts, second_factor
from prescriptions.errors import MalformedError, NotIssuableError, UnprintableError

_log = logging.getLogger(__name__)

STATUS: Mapping[type[Exception], HTTPStatus] = {
    errors.NotFoundError: HTTPStatus.NOT_FOUND,
    errors.NotSignedInError: HTTPStatus.UNAUTHORIZED,
    errors.SignInError: HTTPStatus.UNAUTHORIZED,
    errors.ProviderSignInError: HTTPStatus.UNAUTHORIZED,
    errors.SecondFactorNeededError: HTTPStatus.UNAUTHORIZED,
    errors.CodeError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ProofNeededError: HTTPStatus.FORBIDDEN,
    errors.TooManyError: HTTPStatus.TOO_MANY_REQUESTS,
    errors.NotAllowedError: HTTPStatus.FORBIDDEN,
    errors.ForgedRequestError: HTTPStatus.BAD_REQUEST,
    errors.InvalidError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ConflictError: HTTPStatus.CONFLICT,
    errors.KeyReusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.DamagedError: HTTPStatus.INTERNAL_SERVER_ERROR,
    UnsealableError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.PrinterError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.MailError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.LinkError: HTTPStatus.GONE,
    errors.PasskeyError: HTTPStatus.UNPROCESSABLE_ENTITY,
    MalformedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotIssuableError: HTTPStatus.CONFLICT,
    UnprintableError: HTTPStatus.UNPROCESSABLE_ENTITY,
    OperationalError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The nearest class counts. An error that is not here is a fault of ours: 500."""

SENTENCES: Mapping[int, str] = {
    HTTPStatus.BAD_REQUEST: "The request could not be understood.",
    HTTPStatus.NOT_FOUND: "There is no such page.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This can't be done with that address.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "This is more than the service takes at once.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Send JSON, as application/json.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Some of the values can't be used.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The service can't do this at the moment. Try again in a moment.",
}
FAULT = "Something went wrong on our side. Nothing was changed."
LAST_RESORT = f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Something went wrong · Holdwell</title></head>
<body><main><h1>Something went wrong</h1><p>{FAULT}</p></main></body>
</html>
"""
"""For when not even the page of an error can be made."""


def init_app(app: Flask) -> None:
    """Answer every error of ``app``."""
    app.register_error_handler(Exception, answer)


def answer(error: Exception) -> Response:
    """The answer to ``error``, for a person or for a program. There always is one, and it is dressed."""
    try:
        return edges.dress(make_response(_answer(error)))
    except Exception as worse:  # noqa: BLE001 - the last resort: what fails here would be seen outside
        _tell(worse)
        return edges.dress(current_app.response_class(LAST_RESORT, HTTPStatus.INTERNAL_SERVER_ERROR))


def _answer(error: Exception) -> AnyResponse:
    if isinstance(error, RequestRedirect):
        return error.get_response()
    g.refusal = error  # ``app.audited`` tells by it a redirect that answers from one that turns away
    status = _status(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _tell(error)
        forget_visitor()
    response = _problem(error, status) if request.path.startswith(API) else _page(error, status)
    if isinstance(error, HTTPException):
        allowed = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
        response.headers.update(allowed)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "5"
    if isinstance(error, errors.TooManyError):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def _tell(error: Exception) -> None:
    facts = {"request": logs.request_id(), "endpoint": request.endpoint}
    _log.error("failed", exc_info=error, extra={"facts": facts})


def say_no(error: Exception) -> None:
    """For a view that leads on to where the refusal is shown: nothing was done, and nobody takes it for a success."""
    g.refusal = error
    flash(str(error), "problem")


def _status(error: Exception) -> HTTPStatus:
    if isinstance(error, HTTPException) and error.code is not None:
        return HTTPStatus(error.code)
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def _detail(error: Exception, status: HTTPStatus) -> str:
    if isinstance(error, HTTPException | OperationalError) or _is_fault(error):
        return SENTENCES.get(status, FAULT if status >= HTTPStatus.INTERNAL_SERVER_ERROR else status.description)
    return str(error)


def _is_fault(error: Exception) -> bool:
    return not any(kind in STATUS for kind in type(error).__mro__)


def _problem(error: Exception, status: HTTPStatus) -> Response:
    problem: dict[str, object] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": _detail(error, status),
    }
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        problem["request"] = logs.request_id()
    named = _errors(error)
    if named:
        problem["errors"] = named
    response = jsonify(problem)
    response.status_code = status.value
    response.mimetype = "application/problem+json"
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="holdwell"'
    return response


def _page(error: Exception, status: HTTPStatus) -> AnyResponse:
    if isinstance(error, SecurityError):  # not one of our names: without a name of ours there are no addresses to link
        forget_visitor()
        return current_app.response_class(render_template("errors/wrong_host.html"), status.value)
    if (detour := _detour(error)) is not None:
        return detour
    closed = error.patient_id if isinstance(error, errors.NotInCareError) else None
    detail = _detail(error, status)
    html = render_template(
        "errors/error.html",
        status=status.value,
        title=status.phrase,
        detail=detail,
        closed_patient_id=closed,
        request_id=logs.request_id(),
    )
    return current_app.response_class(html, status.value)


def _detour(error: Exception) -> AnyResponse | None:
    """What somebody has to do first; None where nothing would help."""
    if isinstance(error, errors.NotSignedInError) and SIGN_IN in current_app.view_functions:
        return _to_sign_in()
    if isinstance(error, errors.SecondFactorNeededError):
        return redirect(url_for(SECOND_STEP, next=_way_back()), HTTPStatus.SEE_OTHER)
    if isinstance(error, errors.ProofNeededError):
        return _to_proof()
    return _once_more() if isinstance(error, errors.ForgedRequestError) else None


def _to_sign_in() -> AnyResponse:
    """The sign-in and the way back; with it what was typed, where the session ran out under the typing."""
    back, form = _way_back(), _cut_short()
    if form is None:
        return redirect(url_for(SIGN_IN, next=back), HTTPStatus.SEE_OTHER)
    sealed = kept.sealed(form)
    html = render_template("sign_in/sign_in.html", email="", next=back, errors={}, kept=sealed, has_run_out=True)
    return current_app.response_class(html, HTTPStatus.UNAUTHORIZED)


def _to_proof() -> AnyResponse:
    """The form that asks who it is, and the way back; with it what was typed."""
    user = current_user()
    form = kept.from_request(user.id)
    if form is None:
        return redirect(url_for(PROOF, next=_way_back()), HTTPStatus.SEE_OTHER)
    html = render_template(
        "sign_in/prove.html",
        has_password=user.password_hash is not None,
        methods=second_factor.methods_of(user),
        next=_way_back(),
        kept=kept.sealed(form),
        errors={},
    )
    return current_app.response_class(html, HTTPStatus.FORBIDDEN)


def _way_back() -> str | None:
    """The address of this request, where it has a page."""
    has_page = request.method in SAFE or (str(request.endpoint), "GET") in POLICY
    return request.full_path.rstrip("?") if has_page else None


def _cut_short() -> kept.Kept | None:
    """The form of this request, from a page of ours whose session ran out; it belongs to whoever the session did."""
    if request.method in SAFE or not session_token() or not is_from_our_page():
        return None
    user_id = accounts.ran_out_on(session_token())
    return kept.from_request(user_id) if user_id else None


def _once_more() -> AnyResponse | None:
    """The form again with a new token, to be sent by hand: for a page of ours whose own token is too old."""
    if request.endpoint == CARRY_ON and is_from_our_page():  # whose token ended with the sign-in that it waited for
        return make_response(current_app.view_functions[CARRY_ON]())
    user = visitor()
    form = kept.from_request(user.id) if user is not None and is_from_our_page() else None
    if form is None:
        return None
    why = "This page was open for too long."
    html = render_template("sign_in/continue.html", why=why, address=form.address, fields=form.fields)
    return current_app.response_class(html, HTTPStatus.BAD_REQUEST)


def _errors(error: Exception) -> dict[str, list[str]]:
    """Field or path to its messages."""
    if isinstance(error, errors.InvalidError | MalformedError):
        return {path: list(messages) for path, messages in error.errors.items()}
    data: Any = getattr(error, "data", None)  # what the API's argument parser found, by location
    if not isinstance(data, Mapping) or not isinstance(data.get("messages"), Mapping):
        return {}
    return {path: found for tree in data["messages"].values() for path, found in _by_path(tree)}


def _by_path(tree: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:  # noqa: ANN401 - a tree of either kind
    if not isinstance(tree, Mapping):
        yield path or "body", list(tree)
        return
    for name, inner in tree.items():
        if name == "_schema":
            yield from _by_path(inner, path)
        elif isinstance(name, int):
            yield from _by_path(inner, f"{path}[{name}]")
        else:
            yield from _by_path(inner, f"{path}.{name}" if path else str(name))
