"""Whom somebody looks for stands in no address: it is sealed there, for this clinic and this list."""

import csv
import html
import io
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import update

from app.clock import now
from app.models import AuthSession
from app.models.base import new_id
from app.services import records, renewal
from tests.builders import a_patient, a_screened_patient, an_issued_program
from tests.records import change
from tests.searching import address_of, look

LISTS = {"/patients": "q", "/history": "patient"}
LOST = "The search in this address can&#39;t be read here"
"""How the sentence begins."""


@pytest.fixture
def maya(app, alma):
    """Whom the searches find, and beside her Oskar, whom none finds."""
    with app.app_context():
        a_patient(alma, name="Oskar Lund", identifier="O-1")
        return a_screened_patient(alma, name="Maya Holm", identifier="MRN-0042")


def links(page):
    return [html.unescape(one) for one in re.findall(r'(?:href|action)="([^"]*)"', page)]


@pytest.mark.asvs("14.2.1")
@pytest.mark.usefixtures("maya")
def test_no_word_of_a_search_stands_in_its_address_or_in_a_link_of_what_it_finds(as_alma):
    address = address_of(as_alma, "/patients", q="Maya Holm")

    page = as_alma.get(address).text

    assert "Maya Holm" in page
    assert "Oskar Lund" not in page
    assert [one for one in (address, *links(page)) if re.search("[Mm]aya|[Hh]olm", one)] == []
    assert len(address) < 90


@pytest.mark.asvs("14.2.1")
def test_programs_are_found_and_taken_away_without_a_name_in_an_address(app, as_alma, alma, maya, monkeypatch):
    monkeypatch.setattr(records, "PAGE_SIZE", 1)  # so that the page of a patient leads to the rest
    with app.app_context():
        for patient in (maya, maya, a_screened_patient(alma, name="Nora Lind", identifier="N-1")):
            an_issued_program(alma, patient=patient)

    of_the_patient = next(one for one in links(as_alma.get(f"/patients/{maya.id}").text) if "/history?" in one)
    searched = address_of(as_alma, "/history", patient="maya holm", number="HW")
    table = next(one for one in links(as_alma.get(searched).text) if "/history.csv?" in one)

    found = [as_alma.get(address).text for address in (of_the_patient, searched)]
    rows = list(csv.DictReader(io.StringIO(as_alma.get(table).text.removeprefix("\ufeff"))))
    assert [("Maya Holm" in page, "Nora Lind" in page) for page in found] == [(True, False)] * 2
    assert [row["Patient"] for row in rows] == ["Maya Holm"] * 2
    assert [one for one in (of_the_patient, searched, table) if re.search("[Mm]aya|[Hh]olm|MRN-", one)] == []


@pytest.mark.asvs("14.2.1")
def test_what_says_nothing_of_a_patient_can_be_read_in_the_address_and_nothing_empty_stands_there(as_alma, alma):
    dates = {"issued_from.day": "9", "issued_from.month": "3", "issued_from.year": "2020"}

    address = address_of(as_alma, "/history", patient="maya", number="", status="current", therapist=alma.id, **dates)

    query = parse_qs(urlsplit(address).query)
    sealed = query.pop("search")
    plain = {"status": "current", "therapist": alma.id} | dates
    assert query == {name: [value] for name, value in plain.items()}
    assert len(sealed) == 1
    assert address_of(as_alma, "/history", **plain) == address.replace(f"search={sealed[0]}&", "")


def test_a_search_goes_on_after_the_proof_that_the_table_asks_for(app, as_alma):
    address = address_of(as_alma, "/history", patient="maya").replace("/history", "/history.csv")
    change(app, update(AuthSession).values(proved_at=now() - timedelta(minutes=11)))

    asked = as_alma.get(address)

    assert parse_qs(urlsplit(asked.location).query)["next"] == [address]


@pytest.mark.usefixtures("maya")
def test_a_bookmark_opens_for_a_colleague_after_the_keys_were_renewed(app, as_alma, as_sten):
    address = address_of(as_alma, "/patients", q="maya")
    with app.app_context():
        renewal.renew(at=now())

    page = as_sten.get(address).text

    assert "Maya Holm" in page
    assert "Oskar Lund" not in page


@pytest.mark.asvs("8.4.1")
@pytest.mark.parametrize("path", LISTS)
def test_a_search_of_another_clinic_is_the_list_without_one_and_a_sentence(as_alma, as_boris, path):
    address = address_of(as_alma, path, **{LISTS[path]: "maya"})

    theirs = as_boris.get(address)

    assert (theirs.status_code, LOST in theirs.text, "maya" in theirs.text) == (200, True, False)


def altered(sealed):
    """One character of it changed."""
    return sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:]


@pytest.mark.parametrize(
    "spoiled",
    [
        altered,
        lambda sealed: sealed[:-4],
        lambda _: "maya",
        lambda _: "A" * 5000,
        lambda _: "\u0660é%ff",
        lambda _: "AQAAAAk" + "A" * 60,
    ],
    ids=["altered", "cut off", "words", "too long", "no octets", "a key that is not there"],
)
@pytest.mark.usefixtures("maya")
def test_what_nobody_sealed_is_the_list_without_a_search_and_a_sentence(as_alma, spoiled):
    sealed = parse_qs(urlsplit(address_of(as_alma, "/patients", q="maya")).query)["search"][0]

    answer = as_alma.get("/patients", query_string={"search": spoiled(sealed)})

    assert answer.status_code == 200
    assert LOST in answer.text
    assert "Oskar Lund" in answer.text


@pytest.mark.parametrize("path", LISTS)
def test_words_that_somebody_wrote_into_the_address_are_not_searched_for_and_in_no_link(as_alma, path):
    page = as_alma.get(path, query_string={LISTS[path]: "zebra"}).text

    assert LOST in page
    assert "zebra" not in page


def test_a_search_of_one_list_is_none_of_the_other(as_alma):
    address = address_of(as_alma, "/patients", q="maya")

    assert LOST in as_alma.get(address.replace("/patients", "/history")).text


@pytest.mark.parametrize("query", ["search=lost", "patient=maya"])
def test_nothing_is_taken_away_by_a_search_that_can_not_be_read(as_alma, query):
    answer = as_alma.get(f"/history.csv?{query}")

    assert answer.status_code == 422
    assert "so nothing is taken away" in answer.text


@pytest.mark.usefixtures("maya")
def test_a_search_that_can_be_in_no_name_is_said_beside_its_field_and_kept(as_alma):
    answer = look(as_alma, "/patients", q="x" * 201)

    assert answer.status_code == 422
    assert answer.text.count("Name or record number has 201 characters; at most 200 fit.") == 2
    assert f'value="{"x" * 201}"' in answer.text
    assert "Maya Holm" not in answer.text


def test_a_search_without_a_word_shows_everybody_again(as_alma):
    assert address_of(as_alma, "/patients", q="  ") == "/patients"


def test_a_search_whose_sign_in_has_run_out_is_kept_for_the_next(app, as_alma):
    change(app, update(AuthSession).values(last_seen_at=now() - timedelta(minutes=16)))

    refused = as_alma.post("/patients", data={"q": "maya"})

    assert refused.status_code == 401
    assert 'name="kept"' in refused.text


def test_a_name_typed_for_an_id_reaches_no_address_of_the_trail(as_ada):
    refused = as_ada.post("/audit", data={"patient": "Maya Holm"})
    good = as_ada.post("/audit", data={"patient": (wanted := new_id()), "outcome": ""})

    assert (refused.status_code, refused.location) == (422, None)
    assert 'name="patient" value="Maya Holm"' in refused.text
    assert (good.status_code, good.location) == (303, f"/audit?patient={wanted}")
