"""What another site, another address or another method than ours brings about: nothing."""

import ast
import json
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from app.config import ROOT
from app.models import Base
from app.pages.onward import local
from app.policy import Public
from tests.builders import a_key
from tests.conftest import PASSWORD
from tests.records import stored
from tests.security.walking import a_world, access, ask, calls, pages_to_read

BOOKKEEPING = {"audit_event", "audit_head", "auth_session", "rate_counter", "data_key", "api_token"}
"""What reading may write: the trail of it, and when somebody was last seen."""
FOREIGN = {
    "no token": {},
    "another site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    "a neighbour": {"Sec-Fetch-Site": "same-site", "Origin": "https://evil.localhost"},
    "a sandbox": {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    "an older browser": {"Origin": "https://evil.example", "Referer": "https://evil.example/localhost"},
}
WITH_THE_TOKEN = {name: headers for name, headers in FOREIGN.items() if name != "no token"}
LED_BY_OTHERS = {"there"}
"""Redirects that go where a clinic's own provider of sign-ins is."""
ELSEWHERE = (
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "https://evil.example",
    "HTTPS://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:///evil.example",
    "ftp://evil.example",
    "//evil.example/%2f..",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\u00a0//evil.example",
    "\x00//evil.example",
    "\x01https://evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "//localhost@evil.example",
    "https://localhost@evil.example",
    "https://localhost.evil.example",
    "https://evil.example#localhost",
    "https://evil.example?localhost",
    "https://evil.example\\@localhost",
    "//evil。example",
    "/／evil.example",
    "／／evil.example",
    "//[::1]",
    "//0x7f.1",
    "/%09/evil.example",
    "/%5cevil.example",
    "/.//evil.example",
    "/..//evil.example",
    ".evil.example",
    "@evil.example",
    "evil.example",
    ":80",
    "?x",
    "#x",
    "",
)


@pytest.fixture
def world(app, alma):
    """Something of each kind."""
    with app.app_context():
        return a_world(alma)


def rows(app, *, but=frozenset()):
    """All that the database holds."""
    tables = [table for name, table in Base.metadata.tables.items() if name not in but]
    return {table.name: stored(app, select(table).order_by(*table.primary_key)) for table in tables}


def changing(app, world):
    """Every call that may change something, but for those that anybody may make."""
    return [call for call in calls(app, world) if call.changes and not isinstance(access(call), Public)]


def answers(app, browser, world, **options):
    """What every changing call is answered."""
    return {(call.endpoint, call.method): ask(browser, call, **options).status_code for call in changing(app, world)}


@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize("foreign", FOREIGN)
def test_without_the_form_token_nothing_changes(app, as_alma, world, foreign):
    before = rows(app, but=BOOKKEEPING)

    found = answers(app, as_alma, world, forged=True, headers=FOREIGN[foreign], data={"revision": "1"})

    assert {call: status for call, status in found.items() if status not in {400, 403}} == {}
    assert rows(app, but=BOOKKEEPING) == before


@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize("foreign", WITH_THE_TOKEN)
def test_what_comes_from_elsewhere_changes_nothing_even_with_the_token(app, as_alma, world, foreign):
    before = rows(app, but=BOOKKEEPING)

    found = answers(app, as_alma, world, headers=FOREIGN[foreign], data={"revision": "1"})

    assert {call: status for call, status in found.items() if status not in {400, 403}} == {}
    assert rows(app, but=BOOKKEEPING) == before


@pytest.mark.asvs("3.5.2")
@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
        "application/jsonp",
        "",
    ],
)
def test_the_api_takes_json_only_by_its_own_name(app, as_alma, world, kind):
    before = rows(app, but=BOOKKEEPING)
    body = json.dumps({"name": "Maya Holm", "identifier": "M1", "reason": "It is not mine to withdraw."})
    headers = {"Content-Type": kind, "Idempotency-Key": a_key()}

    found = {
        call.path: ask(as_alma, call, data=body, headers=headers).status_code
        for call in changing(app, world)
        if call.is_api
    }

    assert set(found.values()) == {415}
    assert rows(app, but=BOOKKEEPING) == before


@pytest.mark.asvs("3.5.3")
def test_no_header_and_no_field_makes_another_method_of_it(app, as_alma, world):
    before = rows(app, but=BOOKKEEPING)

    for call in changing(app, world):
        headers = dict.fromkeys(("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"), call.method)
        as_alma.get(f"{call.path}?_method={call.method}", headers=headers).close()

    assert rows(app, but=BOOKKEEPING) == before


@pytest.mark.asvs("3.5.3")
def test_reading_changes_no_row_but_the_trail(app, as_alma, world):
    before = rows(app, but=BOOKKEEPING)

    for call in calls(app, world):
        for method in ("GET", "GET", "HEAD"):
            as_alma.open(call.path, method=method).close()

    assert rows(app, but=BOOKKEEPING) == before


def test_under_another_name_nothing_is_answered(app, as_alma, world):
    before = rows(app)

    found = {
        (call.path, host): ask(as_alma, call, headers={"Host": host}).status_code
        for call in calls(app, world)
        for host in ("evil.example", "localhost.evil.example", "evil.example#localhost", "localhost:80@evil.example")
    }

    assert {call: status for call, status in found.items() if status != 400} == {}
    assert rows(app) == before


@pytest.mark.asvs("15.3.7")
def test_an_address_that_asks_for_one_thing_twice_is_refused(app, as_alma, world):
    asked = {f"{call.path}?q=a&q=b" for call in pages_to_read(app, world)}
    asked |= {f"/history?{name}=a&{name}=b" for name in ("page", "text", "status", "issued_from.day", "anything", "")}

    found = {address: as_alma.get(address).status_code for address in asked}

    assert {address: status for address, status in found.items() if status not in {400, 403}} == {}


@pytest.mark.asvs("3.7.2")
@pytest.mark.parametrize("address", ELSEWHERE, ids=ascii)
def test_no_address_leads_elsewhere(address):
    assert local(address) is None or is_ours(local(address))


@pytest.mark.parametrize("address", ["/patients", "/history?q=a%20b&status=", "/drafts/x#items-0", "/"])
def test_an_address_of_ours_leads_there(address):
    assert local(address) == address


def test_nobody_is_sent_elsewhere_by_signing_in(anonymous):
    form = {"email": "alma@clinic.example", "password": PASSWORD, "next": "//evil.example"}

    answer = anonymous.post("/sign-in", data=form)

    assert answer.status_code == 303
    assert "evil" not in answer.headers["Location"]


@pytest.mark.asvs("3.7.2")
def test_every_redirect_is_to_an_address_that_we_made():
    """The first argument of each: url_for, or what went through "local". Whoever adds another is seen here."""
    found = {}
    for path in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "redirect":
                found[f"{path.stem}:{node.lineno}"] = ast.unparse(node.args[0])

    others = {place: made for place, made in found.items() if not made.startswith("url_for(")}
    assert {made for made in others.values() if not made.startswith("local(")} <= LED_BY_OTHERS


def is_ours(address):
    """Whether a browser on our page stays with us when it follows ``address``."""
    parts = urlsplit(address.strip().replace("\\", "/"))
    return not parts.scheme and not parts.netloc and address.startswith("/") and not address.startswith("//")
