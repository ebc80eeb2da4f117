"""Errors: a page for people, problem details for programs, and nothing of ours in either."""

import logging

import pytest
from flask import abort
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import default_exceptions

from app import errors, problems
from app.clock import now
from prescriptions.errors import (
    MalformedError,
    NotIssuableError,
    PackError,
    PrescriptionError,
    UnprintableError,
    UnreadableError,
)

SECRET_TEXT = "SELECT name FROM patient WHERE id = 'Maya Holm' /srv/holdwell/app"

FAMILY = {
    errors.NotFoundError("patient"): 404,
    errors.NotSignedInError(): 401,
    errors.SignInError(): 401,
    errors.NotAllowedError(): 403,
    errors.ForgedRequestError(): 400,
    errors.InvalidError({"name": ["Give a name."]}): 422,
    errors.ConflictError("Somebody was first."): 409,
    errors.StaleError(current={}, revision=2, by="Sten Dahl", at=now()): 409,
    errors.KeyReusedError(): 422,
    errors.DamagedError("HW-TESTTEST", 1): 500,
    errors.PrinterError("The printer is busy."): 503,
    MalformedError({"items": ["Missing."]}): 422,
    NotIssuableError("blocked"): 409,
    UnprintableError("No font has this character."): 422,
}
FAULTS = {
    RuntimeError(SECRET_TEXT): 500,
    errors.HoldwellError(SECRET_TEXT): 500,
    PackError("pack.toml", "key", SECRET_TEXT): 500,
    IntegrityError(SECRET_TEXT, {}, Exception(SECRET_TEXT)): 500,
    OperationalError(SECRET_TEXT, {}, Exception(SECRET_TEXT)): 503,
    RecursionError(SECRET_TEXT): 500,
}


@pytest.fixture
def failing(app, as_alma):
    """Makes a route that is there already raise an error, and asks for it, as a page or through the API."""

    def fail(error, path):
        def view(**_):
            raise error

        endpoint = "api.catalogue" if path.startswith("/api/") else "pages.patients"
        app.view_functions[endpoint] = view
        return as_alma.get(path)

    return fail


@pytest.mark.parametrize("error", FAMILY, ids=lambda error: type(error).__name__)
def test_each_error_has_its_status_and_says_its_own_sentence(failing, error):
    answer = failing(error, "/api/v1/catalogue")

    assert (answer.status_code, answer.content_type) == (FAMILY[error], "application/problem+json")
    assert answer.json["detail"] == str(error)
    assert answer.json["status"] == FAMILY[error]


@pytest.mark.asvs("16.5.1", "16.5.2")
@pytest.mark.parametrize("error", FAULTS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("path", ["/patients", "/api/v1/catalogue"])
def test_a_fault_of_ours_tells_nothing(failing, caplog, error, path):
    with caplog.at_level(logging.ERROR):
        answer = failing(error, path)

    assert answer.status_code == FAULTS[error]
    for word in ("SELECT", "Maya", "/srv", "Traceback", "sqlalchemy", type(error).__name__):
        assert word not in answer.text
    assert len([record for record in caplog.records if record.name == "app.problems"]) == 1


def test_every_error_of_the_family_is_in_the_table():
    def leaves(kind):
        for child in kind.__subclasses__():
            yield child
            yield from leaves(child)

    ours = [kind for root in (errors.HoldwellError, PrescriptionError) for kind in leaves(root)]
    missing = {kind for kind in ours if not any(parent in problems.STATUS for parent in kind.__mro__)}

    assert missing == {PackError, UnreadableError}  # of the command line alone


@pytest.mark.parametrize("code", sorted(code for code in default_exceptions if code >= 400))
@pytest.mark.parametrize("path", ["/patients", "/api/v1/catalogue"])
def test_every_http_error_is_answered_in_kind(app, as_alma, code, path):
    endpoint = "api.catalogue" if path.startswith("/api/") else "pages.patients"
    app.view_functions[endpoint] = lambda: abort(code, SECRET_TEXT)

    answer = as_alma.get(path)

    assert answer.status_code == code
    assert answer.mimetype == ("application/problem+json" if path.startswith("/api/") else "text/html")
    assert "SELECT" not in answer.text


def test_fields_are_named_with_their_messages(failing):
    answer = failing(errors.InvalidError({"name": ["Give a name."]}), "/api/v1/catalogue")

    assert answer.json["errors"] == {"name": ["Give a name."]}


def test_an_unknown_address_is_a_page_or_a_problem(anonymous):
    assert anonymous.get("/nowhere").mimetype == "text/html"
    assert anonymous.get("/api/v1/nowhere").mimetype == "application/problem+json"


def test_a_wrong_method_says_which_are_right(as_alma):
    answer = as_alma.delete("/api/v1/catalogue")

    assert (answer.status_code, set(answer.allow)) == (405, {"GET", "HEAD"})


def test_a_page_sends_a_stranger_to_the_sign_in_and_back(anonymous):
    answer = anonymous.get("/patients?q=maya")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/patients?q%3Dmaya")


def test_a_form_that_was_sent_comes_back_to_its_page_and_never_to_a_post(anonymous):
    assert anonymous.post("/patients/new", data={}).headers["Location"] == "/sign-in?next=/patients/new"
    assert anonymous.post("/patients/any/draft", data={}).headers["Location"] == "/sign-in"


def test_what_may_work_in_a_moment_says_when_to_try_again(failing):
    assert failing(errors.PrinterError("The printer is busy."), "/api/v1/catalogue").headers["Retry-After"] == "5"


@pytest.mark.asvs("16.5.1", "16.5.2")
def test_a_database_that_is_gone_is_a_page_too(as_alma, monkeypatch):
    def gone(*_, **__):
        raise OperationalError(SECRET_TEXT, {}, Exception(SECRET_TEXT))

    monkeypatch.setattr("app.security.accounts.identify", gone)

    answer = as_alma.get("/patients")

    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert "SELECT" not in answer.text
