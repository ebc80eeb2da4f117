"""What is not to be had here: files of the checkout, pages for developers, ways around https, passwords in the open."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from app import create_app
from app.clock import now
from app.config import ROOT
from app.services import accounts
from tests.conftest import PASSWORD, config_for, hang_up
from tests.security.walking import a_world, ask, calls, pages_to_read

NOT_HERE = """
/.git/config /.git/HEAD /.gitignore /.env /.hg/ /.svn/entries /static/ /static/../wsgi.py /static/..%2fwsgi.py
/static/%2e%2e/wsgi.py /static/....//wsgi.py /app/ /templates/ /tests/ /docs/ /var/ /var/holdwell.db
/wsgi.py /pyproject.toml /README.md /backup.sql /holdwell.db /keys /console /debug /_debug /__debug__/ /metrics /health
/healthz /status /server-status /admin /swagger /swagger-ui /docs/api /redoc /openapi.json /api /api/ /api/v1 /api/docs
/graphql /phpinfo.php
""".split()  # noqa: SIM905 - addresses are easier to read in rows
HIDES = re.compile(r"^InaccessiblePaths=(.+)$", re.MULTILINE)


@pytest.mark.asvs("5.3.1", "13.4.1", "13.4.3", "13.4.5")
@pytest.mark.parametrize("who", ["anonymous", "as_ada"])
def test_nothing_lies_about_for_whoever_tries_addresses(request, who):
    browser = request.getfixturevalue(who)

    found = {path: browser.get(path).status_code for path in NOT_HERE}

    assert {path: status for path, status in found.items() if status != 404} == {}


@pytest.mark.asvs("13.4.1", "15.2.3")
def test_the_service_that_the_readme_describes_sees_neither_its_history_nor_its_tests():
    hidden = [set(paths.split()) for paths in HIDES.findall((ROOT / "README.md").read_text())]

    assert hidden == [{"/srv/holdwell/.git", "/srv/holdwell/tests"}]


@pytest.fixture
def secure(url):
    """The service as it stands behind https."""
    app = create_app(replace(config_for(url), secure_cookies=True))
    yield app
    with app.app_context():
        hang_up()


@pytest.mark.asvs("4.1.2")
def test_nobody_who_asks_in_the_clear_is_led_to_https_unnoticed(secure):
    browser = secure.test_client()

    answers = [ask(browser, call, base_url="http://localhost") for call in calls(secure)]

    assert [answer.location for answer in answers if (answer.location or "").startswith("https:")] == []
    assert {answer.status_code for answer in answers if answer.request.path.startswith("/api/")} == {401}


@pytest.mark.asvs("6.2.6", "6.2.7")
def test_a_password_is_typed_unseen_and_a_manager_may_fill_it_in(anonymous, as_alma):
    pages = [anonymous.get("/sign-in").text, as_alma.get("/account/password").text, as_alma.get("/prove").text]
    fields = [field for page in pages for field in re.findall(r"<input[^>]*>", page) if 'password"' in field]

    assert len(fields) == 5
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert not re.search(r"onpaste|readonly|maxlength", field)


@pytest.mark.asvs("7.4.4")
@pytest.mark.parametrize("who", ["as_alma", "as_ada"])
def test_every_page_has_its_way_to_sign_out(app, request, alma, who):
    browser = request.getfixturevalue(who)
    with app.app_context():
        world = a_world(alma)
    pages = {call.path: ask(browser, call) for call in pages_to_read(app, world)}
    shown = {path: answer.text for path, answer in pages.items() if answer.mimetype == "text/html"}
    inside = {path: text for path, text in shown.items() if "account-who" in text}

    assert len(inside) > 8
    assert [path for path, text in inside.items() if 'action="/sign-out"' not in text.split("</header>")[0]] == []
    assert {path for path in shown.keys() - inside.keys() if pages[path].status_code == 200} <= {
        path for path in shown if path.startswith(("/sign-in", "/invitation", "/reset", "/forgot-password"))
    }


@pytest.mark.asvs("6.2.10")
@pytest.mark.usefixtures("app_context")
def test_a_password_does_not_run_out():
    assert accounts.sign_in(email="alma@clinic.example", password=PASSWORD, at=now() + timedelta(days=1500)).token


@pytest.mark.asvs("1.1.1")
@pytest.mark.parametrize(
    "name", ["Maya %41 Holm", "Maya &amp;lt;b&amp;gt;", "Maya \\u0041 \\x41", "Maya +%2B+", "=?utf-8?q?a?="]
)
def test_what_looks_encoded_is_not_decoded_once_more(as_alma, name):
    added = as_alma.post("/api/v1/patients", json={"name": name, "identifier": "M1"}).json

    found = as_alma.post("/api/v1/patients/search", json={"text": name}).json

    assert added["name"] == name
    assert [one["name"] for one in found["items"]] == [name]
