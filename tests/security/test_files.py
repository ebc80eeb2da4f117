"""Names of files and addresses of pages: nothing of a patient in either, whatever a patient is called."""

import re
from urllib.parse import unquote

import pytest

from tests.naughty import CANARIES, MARK, NAUGHTY
from tests.security.walking import a_world, ask, pages_to_read

NAMES = [name for name in (*CANARIES, *NAUGHTY) if name.isascii() and len(name) <= 100]
FILE_NAME = re.compile(r"attachment; filename=\"?[A-Za-z0-9._-]{1,80}\"?")
ADDRESS = re.compile(r"""(?:href|src|action)=["']?([^"'\s>]*)""")


@pytest.mark.asvs("5.4.1", "5.4.2")
@pytest.mark.parametrize("name", [*NAMES[:: len(NAMES) // 8], "O'Brien-Ñuñez"], ids=ascii)
def test_a_download_is_named_by_ids_and_dates_alone(app, alma, as_alma, name):
    with app.app_context():
        world = a_world(alma, name=f"{name}{MARK}"[-120:])

    files = {}
    for call in pages_to_read(app, world):
        answer = ask(as_alma, call)
        if "Content-Disposition" in answer.headers:
            files[call.endpoint] = answer.headers.getlist("Content-Disposition")

    assert files.keys() >= {"pages.program_pdf", "pages.history_csv", "api.program_pdf"}
    assert [one for named in files.values() for one in named if not FILE_NAME.fullmatch(one)] == []
    assert MARK not in str(files)


@pytest.mark.asvs("3.2.1", "5.4.1")
def test_every_pdf_and_table_is_a_download(app, alma, as_alma):
    with app.app_context():
        world = a_world(alma)

    for call in pages_to_read(app, world):
        answer = ask(as_alma, call)
        if answer.mimetype in {"application/pdf", "text/csv", "application/octet-stream"}:
            assert answer.headers["Content-Disposition"].startswith("attachment; "), call


@pytest.mark.asvs("14.2.1")
def test_no_address_on_any_page_holds_a_patient(app, alma, as_alma):
    with app.app_context():
        world = a_world(alma, name=f"Zz{MARK} Holm", identifier=f"{MARK}-7")

    found = {}
    for call in pages_to_read(app, world):
        answer = ask(as_alma, call)
        text = answer.text if answer.mimetype == "text/html" else ""
        addresses = [*ADDRESS.findall(text), answer.headers.get("Location", ""), answer.headers.get("Link", "")]
        found[call.path] = [one for one in addresses if MARK in unquote(one).casefold()]

    assert {path: one for path, one in found.items() if one} == {}


@pytest.mark.asvs("14.2.1")
def test_no_form_leads_to_an_address_that_holds_a_patient(as_alma):
    added = as_alma.post("/patients/new", data={"name": f"Zz{MARK}", "identifier": f"{MARK}-7"})
    edit = {"name": f"Yy{MARK}", "identifier": f"{MARK}-8", "revision": "1"}
    edited = as_alma.post(f"{added.headers['Location']}/edit", data=edit)

    assert (added.status_code, edited.status_code) == (303, 303)
    assert MARK not in added.headers["Location"] + edited.headers["Location"]


@pytest.mark.asvs("5.3.2")
def test_no_route_asks_for_a_name_in_its_path(app):
    arguments = {name for rule in app.url_map.iter_rules() for name in rule.arguments}

    assert {name for name in arguments if not name.endswith("_id")} <= {
        "filename",
        "name",
        "token",
        "method",
        "provider",
    }
