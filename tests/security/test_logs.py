"""The log: a line of JSON for each event, and no patient, no secret and no forged line in it."""

import io
import json
import logging
import sys
import tempfile
import threading
import warnings
from pathlib import Path

import pytest
from sqlalchemy import select

from app import logs
from app.models import AuditEvent
from app.services import passwords
from tests.builders import a_key
from tests.naughty import MARK
from tests.records import column
from tests.security.walking import a_world, ask, calls

CANARY = f"Zz{MARK}"


@pytest.fixture
def log():
    """What the service would write, and everything back in its place after it."""
    root, kept = logging.getLogger(), {}
    names = (*logs.LIBRARIES, "gunicorn.access")
    for name in names:
        logger = logging.getLogger(name)
        kept[name] = logger.handlers, logger.propagate, logger.disabled
    before = root.handlers[:], root.level, sys.excepthook, threading.excepthook
    for handler in before[0]:  # the installation would close them
        root.removeHandler(handler)
    stream = io.StringIO()
    logs.install(stream)
    yield stream
    logging.captureWarnings(capture=False)
    root.handlers[:], (level, sys.excepthook, threading.excepthook) = before[0], before[1:]
    root.setLevel(level)
    for name in names:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate, logger.disabled = kept[name]


def lines(log):
    """The lines, each read as JSON."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.mark.asvs("16.2.4", "16.2.5")
def test_a_request_is_one_line_with_its_endpoint_and_not_its_address(as_alma, log):
    as_alma.get(f"/patients?q={CANARY}", headers={"User-Agent": CANARY, "Referer": CANARY})

    (line,) = lines(log)
    assert line.keys() == {"at", "level", "by", "event", "request", "method", "endpoint", "status", "ms"}
    assert (line["by"], line["method"], line["endpoint"], line["status"]) == (
        "app.requests",
        "GET",
        "pages.patients",
        200,
    )
    assert CANARY not in log.getvalue()


def test_two_requests_have_two_numbers(as_alma, log):
    as_alma.get("/patients")
    as_alma.get("/nowhere")

    first, second = lines(log)
    assert first["request"] != second["request"]
    assert (second["endpoint"], second["status"]) == (None, 404)


@pytest.mark.parametrize("method", ["GET\x1b[2J", "X" * 100, "G\u2028T"])
def test_a_strange_method_is_not_written_down(as_alma, log, method):
    as_alma.open("/patients", method=method, forged=True)

    assert [line["method"] for line in lines(log)] == ["?"]


@pytest.mark.asvs("16.4.1")
@pytest.mark.parametrize(
    "end", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1b[2J", "\x7f", "\x85", "\u2028", "\x00", "\ud800"]
)
def test_nothing_ends_a_line_or_steers_a_terminal(log, end):
    logger = logging.getLogger("app.test")
    record = logger.makeRecord(
        logger.name, logging.ERROR, "", 0, "a%sb", (end,), None, extra={"facts": {"word": f"a{end}b"}}
    )

    # To the installed handler alone: the test runner's own can't carry half a character between its processes.
    logging.getLogger().handlers[0].handle(record)

    text = log.getvalue()
    assert text.isascii()
    assert text.removesuffix("\n").isprintable()
    assert lines(log)[0]["event"] == lines(log)[0]["word"] == f"a{end}b"


def open_what_the_canary_names():
    try:
        {}[CANARY]
    except KeyError as error:
        raise FileNotFoundError(2, CANARY) from error


def test_an_error_is_told_by_kind_and_place_and_not_by_its_words(log):
    try:
        open_what_the_canary_names()
    except FileNotFoundError:
        logging.getLogger("app.test").exception("failed")

    (line,) = lines(log)
    assert CANARY not in log.getvalue()
    assert line["fault"][0] == "builtins.FileNotFoundError ENOENT"
    assert "builtins.KeyError" in line["fault"]
    assert any("security/test_logs.py" in place for place in line["fault"])


@pytest.mark.asvs("1.3.10", "16.2.5")
@pytest.mark.parametrize("name", ["gunicorn.error", "app", "sqlalchemy.pool", "werkzeug", "weasyprint", "py.warnings"])
def test_what_libraries_say_is_not_filled_in(log, name):
    logging.getLogger(name).error("Error handling request %s", f"/patients?q={CANARY}")
    for filled_in in (
        "Invalid request from ip=127.0.0.1: header " + CANARY,
        f"Bad address /patients?q={CANARY} asked for",
    ):
        logging.getLogger(name).error(filled_in)

    assert [line["event"] for line in lines(log)] == [
        "Error handling request %s",
        "Invalid request from ip=127.0.0.1",
        "Bad address /patients",
    ]


def test_gunicorns_own_line_of_an_address_is_never_written(log):
    logging.getLogger("gunicorn.access").critical("GET /patients?q=%s", CANARY)

    assert log.getvalue() == ""


def test_what_ends_a_process_or_a_thread_is_told_without_its_words(log):
    def fail():
        raise ValueError(CANARY)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    sys.excepthook(ValueError, ValueError(CANARY), None)

    assert [line["fault"][0] for line in lines(log)] == ["builtins.ValueError"] * 2
    assert CANARY not in log.getvalue()


def test_a_warning_is_told_by_its_place(log):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(CANARY, stacklevel=1)

    assert CANARY not in log.getvalue()


def octets(path):
    """What the file holds; nothing where it is gone already: the folder is shared with all that runs on the machine."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


@pytest.fixture
def browsers(as_ada, anonymous, as_alma):
    """The last is the one who sees most."""
    return as_ada, anonymous, as_alma


@pytest.mark.asvs("16.2.3", "16.2.5")
def test_no_log_and_no_file_on_the_way_holds_what_was_typed(app, alma, browsers, log, capfd):
    with app.app_context():
        world = a_world(alma, name=f"{CANARY} Holm", identifier=CANARY)
    already = set(Path(tempfile.gettempdir()).iterdir())
    typed = {"name": CANARY, "reason": CANARY, "email": CANARY, "password": CANARY, "identifier": f"{CANARY}-2"}
    headers = {"Idempotency-Key": a_key(), "User-Agent": CANARY, "Referer": f"http://localhost/?{CANARY}"}

    for browser in browsers:
        for call in sorted(calls(app, world), key=lambda call: call.changes):
            given = {"json": typed} if call.is_api else {"data": typed}
            ask(
                browser,
                call,
                query_string={"q": CANARY, "text": CANARY},
                headers=headers,
                **(given if call.changes else {}),
            )
    app.view_functions["pages.patients"] = lambda: {}[CANARY]
    browsers[-1].get(f"/patients?q={CANARY}")
    new = [path for path in Path(tempfile.gettempdir()).iterdir() if path not in already and path.is_file()]

    output = capfd.readouterr()
    assert len(lines(log)) > 100
    assert CANARY not in log.getvalue() + output.out + output.err
    assert "Maya" not in log.getvalue()
    assert [path for path in new if CANARY.encode() in octets(path)] == []


def test_every_forged_request_is_a_line_and_the_first_of_a_window_an_event(app, as_alma, anonymous, log):
    for browser in (as_alma, as_alma, anonymous):
        browser.post("/session", forged=True)
        browser.post("/sign-in", data={"email": CANARY}, headers={"Sec-Fetch-Site": "cross-site", "Referer": CANARY})

    told = [line for line in lines(log) if line["event"] == "forged"]
    events = select(AuditEvent.detail).where(AuditEvent.action == "access.refused")
    assert [line["endpoint"] for line in told] == ["pages.stay", "pages.sign_in"] * 2 + ["pages.sign_in"]
    assert told[0].keys() == {"at", "level", "by", "event", "request", "endpoint", "network"}
    assert CANARY not in log.getvalue()
    assert column(app, events) == ["400 pages.stay"]


def test_every_request_too_many_is_a_line(anonymous, monkeypatch, log):
    monkeypatch.setattr(passwords, "matches", lambda *_: False)
    for _ in range(12):
        anonymous.post("/sign-in", data={"email": f"{CANARY}@clinic.example", "password": CANARY})

    told = [line["endpoint"] for line in lines(log) if line["event"] == "too many"]
    assert told == ["pages.sign_in"] * 2
    assert CANARY not in log.getvalue()
